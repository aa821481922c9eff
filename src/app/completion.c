/* SPDX-License-Identifier: Apache-2.0 */
/* Completion scripts: one function that knows the words of each command, and the shell's wrapper.
 */
#include "app/completion.h"

#include <ctype.h>
#include <string.h>

#define OPTIONS_MAX 64u

enum value_kind { VALUE_NONE, VALUE_ANY, VALUE_FILE, VALUE_ONE_OF };

struct option_seen {
    const char *p; /* borrowed from the usage */
    int n;
    enum value_kind kind;
    const char *value; /* of VALUE_ONE_OF */
    int value_n;
};

struct options_seen {
    struct option_seen v[OPTIONS_MAX];
    size_t n;
};

/* --- reading a usage ---------------------------------------------------------------------------
 */

static bool is_option_char(char c)
{
    return isalnum((unsigned char)c) || c == '-';
}

static int word_length(const char *p)
{
    return (int)strcspn(p, " :\n])");
}

/* "patient|practitioner" */
static bool is_choice(const char *p, int n)
{
    return islower((unsigned char)p[0]) && memchr(p, '|', (size_t)n) != NULL;
}

static void value_read(const char *p, struct option_seen *o)
{
    o->kind = VALUE_NONE;
    if (p[0] != ' ' || !(isalnum((unsigned char)p[1]) || p[1] == '"'))
        return;
    p++;
    int n = word_length(p);
    if (is_choice(p, n)) {
        *o = (struct option_seen){o->p, o->n, VALUE_ONE_OF, p, n};
        return;
    }
    if (islower((unsigned char)p[0])) /* prose behind a flag */
        return;
    bool file = (n == 4 && memcmp(p, "FILE", 4) == 0) || (n == 3 && memcmp(p, "DIR", 3) == 0) ||
                (n == 3 && memcmp(p, "OUT", 3) == 0);
    o->kind = file ? VALUE_FILE : VALUE_ANY;
}

static struct option_seen *find(struct options_seen *s, const char *p, int n)
{
    for (size_t i = 0; i < s->n; i++)
        if (s->v[i].n == n && memcmp(s->v[i].p, p, (size_t)n) == 0)
            return &s->v[i];
    return NULL;
}

/* Add the options of a text. A mention with a value wins over one without. */
static bool options_read(const char *text, struct options_seen *s)
{
    for (const char *p = text; *p != 0; p++) {
        bool begins = p == text || strchr(" [(\n", p[-1]) != NULL;
        if (!begins || p[0] != '-' || !(isalpha((unsigned char)p[1]) || p[1] == '-'))
            continue;
        struct option_seen o = {.p = p};
        while (is_option_char(p[o.n]))
            o.n++;
        if (o.n == 2 && p[1] == '-')
            continue;
        value_read(p + o.n, &o);
        struct option_seen *old = find(s, o.p, o.n);
        if (old == NULL && s->n == OPTIONS_MAX)
            return false;
        if (old == NULL)
            s->v[s->n++] = o;
        else if (old->kind == VALUE_NONE)
            *old = o;
        p += o.n - 1;
    }
    return true;
}

/* --- the function that knows -------------------------------------------------------------------
 */

static bool is_first_of_name(const struct completion *c, size_t i)
{
    for (size_t k = 0; k < i; k++)
        if (c->entries[k].name != NULL && strcmp(c->entries[k].name, c->entries[i].name) == 0)
            return false;
    return true;
}

static void put_choice(const char *p, int n, FILE *f)
{
    for (int i = 0; i < n; i++)
        (void)fputc(p[i] == '|' ? ' ' : p[i], f);
}

static void put_list(const char *var, const struct options_seen *s, bool (*takes)(enum value_kind),
                     FILE *f)
{
    (void)fprintf(f, " %s=\"", var);
    for (size_t i = 0, k = 0; i < s->n; i++)
        if (takes(s->v[i].kind))
            (void)fprintf(f, "%s%.*s", k++ > 0 ? " " : "", s->v[i].n, s->v[i].p);
    (void)fputs("\"", f);
}

static bool takes_all(enum value_kind k)
{
    (void)k;
    return true;
}

static bool takes_files(enum value_kind k)
{
    return k == VALUE_FILE;
}

static bool takes_any(enum value_kind k)
{
    return k == VALUE_ANY || k == VALUE_ONE_OF;
}

static void put_options(const struct options_seen *s, FILE *f)
{
    put_list("opts", s, takes_all, f);
    put_list("files", s, takes_files, f);
    put_list("vals", s, takes_any, f);
    (void)fputs("\n        case \"$3\" in\n", f);
    for (size_t i = 0; i < s->n; i++) {
        if (s->v[i].kind != VALUE_ONE_OF)
            continue;
        (void)fprintf(f, "        %.*s) alts=\"", s->v[i].n, s->v[i].p);
        put_choice(s->v[i].value, s->v[i].value_n, f);
        (void)fputs("\" ;;\n", f);
    }
    (void)fputs("        esac ;;\n", f);
}

/* What stands where no command is given yet: all names. */
static void put_names(const struct completion *c, FILE *f)
{
    (void)fputs(" words=\"", f);
    for (size_t i = 0, k = 0; i < c->n; i++)
        if (c->entries[i].name != NULL && is_first_of_name(c, i))
            (void)fprintf(f, "%s%s", k++ > 0 ? " " : "", c->entries[i].name);
    (void)fputs("\"", f);
}

static void put_subs(const struct completion *c, const char *name, FILE *f)
{
    (void)fprintf(f, "    %s/) words=\"", name);
    for (size_t i = 0, k = 0; i < c->n; i++)
        if (c->entries[i].name != NULL && strcmp(c->entries[i].name, name) == 0)
            (void)fprintf(f, "%s%s", k++ > 0 ? " " : "", c->entries[i].sub);
    (void)fputs("\" ;;\n", f);
}

static bool put_entry(const struct completion *c, size_t i, FILE *f)
{
    const struct completion_entry *e = &c->entries[i];
    struct options_seen s = {.n = 0};
    bool ok = options_read(e->usage, &s);
    bool has_help = strncmp(e->usage, "Usage", 5) == 0 || strchr(e->usage, '\n') != NULL;
    ok = ok && options_read(has_help ? "--help" : c->global_usage, &s);
    if (e->name == NULL) {
        (void)fputs("    /)", f);
        put_names(c, f);
    } else {
        if (e->sub != NULL && is_first_of_name(c, i))
            put_subs(c, e->name, f);
        (void)fprintf(f, "    %s/%s)", e->name, e->sub != NULL ? e->sub : "*");
    }
    int n = word_length(e->usage);
    if (is_choice(e->usage, n)) {
        (void)fputs(" [ -n \"$2\" ] || words=\"", f);
        put_choice(e->usage, n, f);
        (void)fputs("\";", f);
    }
    put_options(&s, f);
    return ok;
}

static bool put_knowing(const struct completion *c, FILE *f)
{
    struct options_seen s = {.n = 0};
    bool ok = options_read(c->global_usage, &s) && options_read(c->entries[0].usage, &s);
    (void)fprintf(f,
                  "_%s_find() { # command, subcommand, word before: sets opts, files, vals, words, "
                  "alts\n    opts= files= vals= words= alts=\n    case \"$1/$2\" in\n",
                  c->program);
    for (size_t i = 0; i < c->n; i++)
        ok = put_entry(c, i, f) && ok;
    (void)fputs("    esac\n", f);
    if (c->accounts_home != NULL)
        (void)fprintf(f,
                      "    [ \"$3\" != --as ] || alts=$(ls -- \"%s/keys\" 2>/dev/null | "
                      "sed -n 's/\\.json$//p')\n",
                      c->accounts_home);
    (void)fprintf(f, "}\n_%s_skip() { # a global option with a value?\n    case \"$1\" in\n",
                  c->program);
    for (size_t i = 0; i < s.n; i++)
        if (s.v[i].kind != VALUE_NONE)
            (void)fprintf(f, "    %.*s) return 0 ;;\n", s.v[i].n, s.v[i].p);
    (void)fputs("    esac\n    return 1\n}\n", f);
    return ok;
}

/* --- the shells --------------------------------------------------------------------------------
 */

/* %1$s: the program */
static const char bash_wrapper[] =
    "_%1$s() {\n"
    "    local cur prev cmd= sub= opts files vals words alts i w\n"
    "    COMPREPLY=()\n"
    "    cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}\n"
    "    for ((i = 1; i < COMP_CWORD; i++)); do\n"
    "        w=${COMP_WORDS[i]}\n"
    "        if _%1$s_skip \"$w\"; then i=$((i + 1)); continue; fi\n"
    "        case \"$w\" in\n"
    "        -*) ;;\n"
    "        *) if [ -z \"$cmd\" ]; then cmd=$w; elif [ -z \"$sub\" ]; then sub=$w; fi ;;\n"
    "        esac\n"
    "    done\n"
    "    _%1$s_find \"$cmd\" \"$sub\" \"$prev\"\n"
    "    if [ -n \"$alts\" ]; then\n"
    "        COMPREPLY=($(compgen -W \"$alts\" -- \"$cur\"))\n"
    "        return\n"
    "    fi\n"
    "    case \" $files \" in *\" $prev \"*) compopt -o default 2>/dev/null; return ;; esac\n"
    "    case \" $vals \" in *\" $prev \"*) return ;; esac\n"
    "    case \"$cur\" in\n"
    "    -*) COMPREPLY=($(compgen -W \"$opts\" -- \"$cur\")) ;;\n"
    "    *) if [ -n \"$words\" ]; then COMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))\n"
    "       else compopt -o default 2>/dev/null; fi ;;\n"
    "    esac\n"
    "}\n"
    "complete -F _%1$s %1$s\n";

static const char zsh_wrapper[] =
    "_%1$s() {\n"
    "    local cur=${words[CURRENT]} prev=${words[CURRENT-1]} cmd= sub= opts files vals alts i w\n"
    "    local -a line\n"
    "    line=(\"${words[@]}\")\n"
    "    local words\n"
    "    for ((i = 2; i < CURRENT; i++)); do\n"
    "        w=${line[i]}\n"
    "        if _%1$s_skip \"$w\"; then ((i++)); continue; fi\n"
    "        case \"$w\" in\n"
    "        -*) ;;\n"
    "        *) if [ -z \"$cmd\" ]; then cmd=$w; elif [ -z \"$sub\" ]; then sub=$w; fi ;;\n"
    "        esac\n"
    "    done\n"
    "    _%1$s_find \"$cmd\" \"$sub\" \"$prev\"\n"
    "    if [ -n \"$alts\" ]; then compadd -- ${=alts}; return; fi\n"
    "    case \" $files \" in *\" $prev \"*) _files; return ;; esac\n"
    "    case \" $vals \" in *\" $prev \"*) return ;; esac\n"
    "    case \"$cur\" in\n"
    "    -*) compadd -- ${=opts} ;;\n"
    "    *) if [ -n \"$words\" ]; then compadd -- ${=words}; else _files; fi ;;\n"
    "    esac\n"
    "}\n"
    "compdef _%1$s %1$s\n";

/* A wrapper with the program's name in each place. */
static void put_wrapper(const char *text, const char *program, FILE *f)
{
    const char *at;
    while ((at = strstr(text, "%1$s")) != NULL) {
        (void)fwrite(text, 1, (size_t)(at - text), f);
        (void)fputs(program, f);
        text = at + 4;
    }
    (void)fputs(text, f);
}

status completion_put(const struct completion *c, const char *shell, FILE *out, struct err *reterr)
{
    bool zsh = strcmp(shell, "zsh") == 0;
    if (!zsh && strcmp(shell, "bash") != 0)
        return ERR(reterr, E_USAGE, "completion: bash or zsh is needed");
    if (zsh)
        (void)fprintf(out, "#compdef %s\n", c->program);
    (void)fprintf(out, "# %s completion for %s: eval \"$(%s completion %s)\"\n", shell, c->program,
                  c->program, shell);
    if (!put_knowing(c, out))
        return ERR(reterr, E_RANGE, "completion: too many options");
    put_wrapper(zsh ? zsh_wrapper : bash_wrapper, c->program, out);
    return OK;
}
