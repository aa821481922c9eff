/* SPDX-License-Identifier: Apache-2.0 */
/* Random programs that mostly make sense: operands are pushed, jumps land, calls find somebody. */
#include "diff_gen.h"
#include "evm/opcode.h"

#define HEIGHT_MAX 20
#define CODE_CAP ((size_t)16 << 10)

/* Writing never fails visibly: a program that is cut at the cap is a program as well. */
static void op(struct diff_code *c, unsigned byte)
{
    if (buf_put_u8(&c->out, (uint8_t)byte) != OK)
        c->height = HEIGHT_MAX;
}

static void push(struct diff_code *c, u256 v)
{
    uint8_t be[32];
    size_t n = u256_byte_len(v);
    u256_to_be(v, be);
    if (n < 32 && diff_one_in(c->rng, 16))
        n += 1 + diff_below(c->rng, 32 - n);
    op(c, OP_PUSH0 + (unsigned)n);
    for (size_t i = 32 - n; i < 32; i++)
        op(c, be[i]);
    c->height++;
}

static void push_u64(struct diff_code *c, uint64_t v)
{
    push(c, u256_from_u64(v));
}

static void push_addr(struct diff_code *c, addr20 a)
{
    op(c, OP_PUSH20);
    for (size_t i = 0; i < 20; i++)
        op(c, a.b[i]);
    c->height++;
}

/* An operator of in words that leaves out. */
static void apply(struct diff_code *c, unsigned byte, int in, int out)
{
    op(c, byte);
    c->height += out - in;
}

static void pop(struct diff_code *c)
{
    apply(c, OP_POP, 1, 0);
}

/* Do something with the word on top, or leave it there. */
static void finish(struct diff_code *c)
{
    switch (diff_below(c->rng, 6)) {
    case 0:
        push_u64(c, diff_below(c->rng, 8));
        apply(c, OP_SSTORE, 2, 0);
        break;
    case 1:
        push_u64(c, diff_below(c->rng, 256));
        apply(c, OP_MSTORE, 2, 0);
        break;
    case 2:
        break;
    default:
        pop(c);
    }
}

/* Offsets and sizes: small, seldom none that anybody could pay. */
static void push_offset(struct diff_code *c)
{
    if (diff_one_in(c->rng, 60))
        push(c, diff_word(c->rng));
    else if (diff_one_in(c->rng, 12))
        push_u64(c, diff_below(c->rng, 4096));
    else
        push_u64(c, diff_below(c->rng, 200));
}

static void push_key(struct diff_code *c)
{
    if (diff_one_in(c->rng, 10))
        push(c, diff_word(c->rng));
    else
        push_u64(c, diff_below(c->rng, 6));
}

/* Copy bytes from behind the code to memory offset to. */
static void load_data(struct diff_code *c, slice bytes, uint64_t to)
{
    if (c->n_fix == sizeof c->fix / sizeof *c->fix)
        return;
    size_t at = c->data.n;
    if (buf_put(&c->data, bytes) != OK)
        return;
    push_u64(c, bytes.n);
    c->fix[c->n_fix].data = at;
    c->fix[c->n_fix++].at = c->out.n + 1;
    op(c, OP_PUSH2);
    op(c, 0);
    op(c, 0);
    c->height++;
    push_u64(c, to);
    apply(c, OP_CODECOPY, 3, 0);
}

/* --- pieces --------------------------------------------------------------------------------- */

static void piece_alu(struct diff_code *c)
{
    static const uint8_t two[] = {OP_ADD, OP_MUL, OP_SUB, OP_DIV,  OP_SDIV, OP_MOD, OP_SMOD,
                                  OP_EXP, OP_LT,  OP_GT,  OP_SLT,  OP_SGT,  OP_EQ,  OP_AND,
                                  OP_OR,  OP_XOR, OP_SHL, OP_BYTE, OP_SHR,  OP_SAR, OP_SIGNEXTEND};
    static const uint8_t one[] = {OP_ISZERO, OP_NOT, OP_CLZ};
    switch (diff_below(c->rng, 5)) {
    case 0:
        push(c, diff_word(c->rng));
        apply(c, one[diff_below(c->rng, sizeof one)], 1, 1);
        break;
    case 1:
        for (int i = 0; i < 3; i++)
            push(c, diff_word(c->rng));
        apply(c, diff_one_in(c->rng, 2) ? OP_ADDMOD : OP_MULMOD, 3, 1);
        break;
    default:
        push(c, diff_word(c->rng));
        if (c->height < 2 || diff_one_in(c->rng, 2))
            push(c, diff_one_in(c->rng, 3) ? u256_from_u64(diff_below(c->rng, 260))
                                           : diff_word(c->rng));
        apply(c, two[diff_below(c->rng, sizeof two)], 2, 1);
    }
    finish(c);
}

static void piece_stack(struct diff_code *c)
{
    unsigned n = (unsigned)diff_below(c->rng, 16);
    bool careless = diff_one_in(c->rng, 40);
    while (!careless && c->height < (int)n + 2)
        push(c, diff_word(c->rng));
    if (diff_one_in(c->rng, 2))
        apply(c, OP_DUP1 + n, 0, 1);
    else
        apply(c, OP_SWAP1 + n, 0, 0);
    while (c->height > HEIGHT_MAX)
        pop(c);
}

static void piece_context(struct diff_code *c)
{
    static const uint8_t none[] = {OP_ADDRESS,      OP_ORIGIN,      OP_CALLER,   OP_CALLVALUE,
                                   OP_CALLDATASIZE, OP_CODESIZE,    OP_GASPRICE, OP_RETURNDATASIZE,
                                   OP_COINBASE,     OP_TIMESTAMP,   OP_NUMBER,   OP_PREVRANDAO,
                                   OP_GASLIMIT,     OP_CHAINID,     OP_BASEFEE,  OP_BLOBBASEFEE,
                                   OP_MSIZE,        OP_SELFBALANCE, OP_PC,       OP_GAS};
    static const uint8_t one[] = {OP_CALLDATALOAD, OP_BLOCKHASH, OP_BLOBHASH};
    if (diff_one_in(c->rng, 3)) {
        push(c,
             diff_one_in(c->rng, 3) ? diff_word(c->rng) : u256_from_u64(diff_below(c->rng, 310)));
        apply(c, one[diff_below(c->rng, sizeof one)], 1, 1);
    } else {
        apply(c, none[diff_below(c->rng, sizeof none)], 0, 1);
    }
    finish(c);
}

static void piece_memory(struct diff_code *c)
{
    static const uint8_t copy[] = {OP_CALLDATACOPY, OP_CODECOPY, OP_MCOPY, OP_RETURNDATACOPY};
    switch (diff_below(c->rng, 5)) {
    case 0:
        push_offset(c);
        apply(c, OP_MLOAD, 1, 1);
        finish(c);
        break;
    case 1:
        push(c, diff_word(c->rng));
        push_offset(c);
        apply(c, diff_one_in(c->rng, 3) ? OP_MSTORE8 : OP_MSTORE, 2, 0);
        break;
    case 2:
        push_offset(c);
        push_offset(c);
        apply(c, OP_KECCAK256, 2, 1);
        finish(c);
        break;
    default:
        push_offset(c);
        push_offset(c);
        push_offset(c);
        /* beyond the return data ends the frame: seldom */
        apply(c, copy[diff_below(c->rng, diff_one_in(c->rng, 20) ? 4 : 3)], 3, 0);
    }
}

static void piece_storage(struct diff_code *c)
{
    bool transient = diff_one_in(c->rng, 4);
    if (diff_one_in(c->rng, 2)) {
        push_key(c);
        apply(c, transient ? OP_TLOAD : OP_SLOAD, 1, 1);
        finish(c);
        return;
    }
    push(c, diff_one_in(c->rng, 3) ? u256_from_u64(0) : diff_word(c->rng));
    push_key(c);
    apply(c, transient ? OP_TSTORE : OP_SSTORE, 2, 0);
}

static void piece_log(struct diff_code *c)
{
    unsigned n = (unsigned)diff_below(c->rng, 5);
    for (unsigned i = 0; i < n; i++)
        push(c, diff_word(c->rng));
    push_offset(c);
    push_offset(c);
    apply(c, OP_LOG0 + n, (int)n + 2, 0);
}

static void piece_account(struct diff_code *c)
{
    static const uint8_t ask[] = {OP_BALANCE, OP_EXTCODESIZE, OP_EXTCODEHASH};
    if (diff_one_in(c->rng, 4)) {
        for (int i = 0; i < 3; i++)
            push_offset(c);
        push_addr(c, diff_addr(c->rng, c->people));
        apply(c, OP_EXTCODECOPY, 4, 0);
        return;
    }
    push_addr(c, diff_addr(c->rng, c->people));
    apply(c, ask[diff_below(c->rng, sizeof ask)], 1, 1);
    finish(c);
}

/* Gas for a callee. */
static void push_gas(struct diff_code *c)
{
    if (diff_one_in(c->rng, 3))
        push(c,
             diff_one_in(c->rng, 4) ? diff_word(c->rng) : u256_from_u64(diff_below(c->rng, 20000)));
    else
        apply(c, OP_GAS, 0, 1);
}

static void push_value(struct diff_code *c)
{
    if (diff_one_in(c->rng, 30))
        push(c, diff_word(c->rng));
    else
        push_u64(c, diff_one_in(c->rng, 3) ? diff_below(c->rng, 100) : 0);
}

/* in and out: bytes of memory from 0. */
static void call(struct diff_code *c, addr20 to, uint64_t in, uint64_t out)
{
    static const uint8_t kinds[] = {OP_CALL, OP_CALL, OP_CALLCODE, OP_DELEGATECALL, OP_STATICCALL};
    unsigned kind = kinds[diff_below(c->rng, sizeof kinds)];
    bool has_value = kind == OP_CALL || kind == OP_CALLCODE;
    push_u64(c, out);
    push_u64(c, diff_below(c->rng, 300));
    push_u64(c, in);
    push_u64(c, 0);
    if (has_value)
        push_value(c);
    push_addr(c, to);
    push_gas(c);
    apply(c, kind, has_value ? 7 : 6, 1);
    finish(c);
}

static void look_at_return_data(struct diff_code *c)
{
    if (!diff_one_in(c->rng, 3))
        return;
    apply(c, OP_RETURNDATASIZE, 0, 1);
    push_u64(c, 0);
    push_u64(c, diff_below(c->rng, 300));
    apply(c, OP_RETURNDATACOPY, 3, 0);
}

static void piece_call(struct diff_code *c)
{
    addr20 to = diff_addr(c->rng, c->people);
    uint64_t in = diff_below(c->rng, 200);
    call(c, to, in, diff_below(c->rng, 200));
    look_at_return_data(c);
}

static void piece_precompile(struct diff_code *c)
{
    unsigned n = 1 + (unsigned)diff_below(c->rng, 18);
    addr20 to = {.b = {[19] = (uint8_t)n}};
    struct buf in;
    if (n == 18)
        to = (addr20){.b = {[18] = 1}};
    buf_init(&in, 4096);
    if (diff_precompile_input(c->rng, c->people, n, &in) == OK) {
        load_data(c, buf_slice(&in), 0);
        call(c, to, in.n, diff_below(c->rng, 160));
        look_at_return_data(c);
    }
    buf_done(&in);
}

static void piece_create(struct diff_code *c)
{
    struct buf init;
    bool two = diff_one_in(c->rng, 2);
    buf_init(&init, CODE_CAP);
    if (c->depth < 2 &&
        diff_code_make(c->rng, c->people, c->drop, c->n_pieces, c->depth + 1, &init) == OK) {
        load_data(c, buf_slice(&init), 0);
        if (two)
            push_u64(c, diff_below(c->rng, 3));
        push_u64(c, diff_one_in(c->rng, 200) ? 50000 : init.n);
        push_u64(c, 0);
        push_value(c);
        apply(c, two ? OP_CREATE2 : OP_CREATE, two ? 4 : 3, 1);
        if (diff_one_in(c->rng, 2)) { /* call what was made */
            for (int i = 0; i < 5; i++)
                push_u64(c, 0);
            apply(c, OP_DUP1 + 5, 0, 1);
            push_gas(c);
            apply(c, OP_CALL, 7, 1);
            finish(c);
        }
        finish(c);
    }
    buf_done(&init);
}

static void piece_jump(struct diff_code *c)
{
    size_t junk = diff_below(c->rng, 6);
    bool maybe = diff_one_in(c->rng, 2);
    if (maybe)
        push_u64(c, diff_below(c->rng, 2));
    op(c, OP_PUSH2);
    size_t to = c->out.n + 3 + junk + (diff_one_in(c->rng, 60) ? 1 : 0);
    op(c, (unsigned)(to >> 8) & 0xff);
    op(c, (unsigned)to & 0xff);
    apply(c, maybe ? OP_JUMPI : OP_JUMP, maybe ? 1 : 0, 0);
    for (size_t i = 0; i < junk; i++) /* of one byte each, so that the target is an instruction */
        op(c, maybe ? OP_PC : (unsigned)diff_below(c->rng, OP_PUSH0));
    op(c, OP_JUMPDEST);
}

static void piece_small(struct diff_code *c)
{
    static void (*const pieces[])(struct diff_code *) = {piece_alu, piece_alu, piece_context,
                                                         piece_memory, piece_storage};
    pieces[diff_below(c->rng, sizeof pieces / sizeof *pieces)](c);
}

static void piece_loop(struct diff_code *c)
{
    push_u64(c, 1 + diff_below(c->rng, 12));
    size_t head = c->out.n;
    op(c, OP_JUMPDEST);
    int height = c->height;
    for (uint64_t n = 1 + diff_below(c->rng, 3); n > 0; n--)
        piece_small(c);
    while (c->height > height)
        pop(c);
    push_u64(c, 1);
    apply(c, OP_SWAP1, 0, 0);
    apply(c, OP_SUB, 2, 1);
    apply(c, OP_DUP1, 0, 1);
    op(c, OP_PUSH2);
    op(c, (unsigned)(head >> 8) & 0xff);
    op(c, (unsigned)head & 0xff);
    apply(c, OP_JUMPI, 1, 0);
    pop(c);
}

static void piece_bytes(struct diff_code *c)
{
    for (uint64_t n = 1 + diff_below(c->rng, 8); n > 0; n--)
        op(c, (unsigned)diff_below(c->rng, 256));
}

/* End the frame, under a condition or at once. */
static void end(struct diff_code *c)
{
    switch (diff_below(c->rng, 8)) {
    case 0:
        op(c, OP_STOP);
        break;
    case 1:
        op(c, OP_INVALID);
        break;
    case 2:
        push_addr(c, diff_addr(c->rng, c->people));
        apply(c, OP_SELFDESTRUCT, 1, 0);
        break;
    case 3:
    case 4:
        push_u64(c, diff_below(c->rng, 100));
        push_u64(c, diff_below(c->rng, 100));
        apply(c, OP_REVERT, 2, 0);
        break;
    default:
        if (c->depth > 0 && diff_one_in(c->rng, 8)) { /* code too long, or beginning with 0xef */
            push_u64(c, diff_one_in(c->rng, 2) ? 0xef : 0);
            push_u64(c, 0);
            apply(c, OP_MSTORE8, 2, 0);
            push_u64(c, diff_one_in(c->rng, 2) ? 24577 : 3);
            push_u64(c, 0);
        } else {
            push_u64(c, diff_below(c->rng, 100));
            push_u64(c, diff_below(c->rng, 100));
        }
        apply(c, OP_RETURN, 2, 0);
    }
}

static void piece_end(struct diff_code *c)
{
    push_u64(c, diff_below(c->rng, 8) == 0 ? 0 : 1);
    op(c, OP_PUSH2);
    size_t at = c->out.n;
    op(c, 0);
    op(c, 0);
    apply(c, OP_JUMPI, 1, 0);
    end(c);
    if (at + 2 <= c->out.n) {
        c->out.p[at] = (uint8_t)(c->out.n >> 8);
        c->out.p[at + 1] = (uint8_t)c->out.n;
    }
    op(c, OP_JUMPDEST);
}

bool diff_piece(const uint8_t *drop, size_t *n_pieces)
{
    size_t i = (*n_pieces)++;
    return drop == NULL || i >= DIFF_PIECES || (drop[i / 8] >> (i % 8) & 1) == 0;
}

/* One piece, of random numbers of its own: that another is dropped does not change it. */
static void piece(struct diff_code *c)
{
    static void (*const pieces[])(struct diff_code *) = {
        piece_alu,     piece_alu,     piece_stack,      piece_context, piece_memory, piece_memory,
        piece_storage, piece_storage, piece_log,        piece_account, piece_call,   piece_call,
        piece_call,    piece_create,  piece_precompile, piece_jump,    piece_loop,   piece_end};
    size_t out = c->out.n;
    size_t data = c->data.n;
    size_t fixes = c->n_fix;
    int height = c->height;
    bool wanted = diff_piece(c->drop, c->n_pieces);
    struct diff_rng own = {diff_next(c->rng)};
    struct diff_rng *outer = c->rng;
    c->rng = &own;
    if (diff_one_in(c->rng, 80))
        piece_bytes(c);
    else
        pieces[diff_below(c->rng, sizeof pieces / sizeof *pieces)](c);
    c->rng = outer;
    if (!wanted) {
        c->out.n = out;
        c->data.n = data;
        c->n_fix = fixes;
        c->height = height;
    }
    while (c->height > HEIGHT_MAX && c->out.n < CODE_CAP)
        pop(c);
}

status diff_code_make(struct diff_rng *rng, const struct diff_people *people, const uint8_t *drop,
                      size_t *n_pieces, unsigned depth, struct buf *ret)
{
    struct diff_code c = {
        .rng = rng, .people = people, .drop = drop, .n_pieces = n_pieces, .depth = depth};
    buf_init(&c.out, CODE_CAP);
    buf_init(&c.data, CODE_CAP);
    bool noise = diff_one_in(rng, 25);
    for (uint64_t n = 1 + diff_below(rng, depth > 0 ? 5 : 14); n > 0; n--) {
        if (noise)
            piece_bytes(&c);
        else
            piece(&c);
    }
    end(&c);
    for (size_t i = 0; i < c.n_fix; i++) {
        size_t at = c.out.n + c.fix[i].data;
        if (c.fix[i].at + 2 > c.out.n)
            continue;
        c.out.p[c.fix[i].at] = (uint8_t)(at >> 8);
        c.out.p[c.fix[i].at + 1] = (uint8_t)at;
    }
    status s = buf_put(ret, buf_slice(&c.out));
    if (s == OK)
        s = buf_put(ret, buf_slice(&c.data));
    buf_done(&c.out);
    buf_done(&c.data);
    return s;
}
