/* SPDX-License-Identifier: Apache-2.0 */
/* Answers of eth_getProof. Only the nodes are used; what the node claims beside them is not. */
#include "ledger/remote_int.h"
#include "trie/proof.h"

#define PROOF_NODES_MAX (2u * TRIE_KEY_MAX + 1u)

/* The nodes of one proof, in the arena of the document. */
static status read_nodes(struct json v, slice nodes[PROOF_NODES_MAX], size_t *ret_n,
                         struct err *reterr)
{
    status s = json_want_array(v, reterr);
    if (s == OK && json_count(v) > PROOF_NODES_MAX)
        s = ERR(reterr, E_TOO_LONG, "proof of %zu nodes", json_count(v));
    size_t n = 0;
    struct json_iter it = json_iter(v);
    while (s == OK && json_next(&it))
        s = json_hex_bytes(it.value, &nodes[n++], reterr);
    if (s == OK)
        *ret_n = n;
    return s;
}

static status read_slots(struct json v, struct ledger_proof *p, struct err *reterr)
{
    slice nodes[PROOF_NODES_MAX];
    size_t i = 0;
    status s = json_want_array(v, reterr);
    if (s == OK && json_count(v) != p->slots_n)
        s = ERR(reterr, E_MISMATCH, "%zu slots were asked for, %zu answered", p->slots_n,
                json_count(v));
    struct json_iter it = json_iter(v);
    while (s == OK && json_next(&it)) {
        size_t n = 0;
        u256 word;
        s = read_nodes(json_get(it.value, "proof"), nodes, &n, reterr);
        if (s == OK)
            s = trie_proof_slot(&p->storage_root, &p->slots[i], nodes, n, &word, reterr);
        if (s == OK)
            u256_to_be(word, p->values[i++].b);
    }
    return s == OK ? OK : err_prefix(reterr, s, "storage proof");
}

static status read_account(struct json v, struct ledger_proof *p, struct err *reterr)
{
    slice nodes[PROOF_NODES_MAX];
    size_t n = 0;
    struct trie_account acc;
    status s = read_nodes(v, nodes, &n, reterr);
    if (s == OK)
        s = trie_proof_account(&p->block.state_root, &p->address, nodes, n, &p->exists, &acc,
                               reterr);
    if (s != OK)
        return err_prefix(reterr, s, "account proof");
    p->nonce = acc.nonce;
    p->balance = acc.balance;
    p->storage_root = acc.storage_root;
    p->code_hash = acc.code_hash;
    return OK;
}

status remote_proof_read(struct json v, const struct ledger_req *req,
                         const struct ledger_block *block, struct arena *a,
                         struct ledger_proof *ret, struct err *reterr)
{
    struct ledger_proof p = {.block = *block, .address = req->in.proof.address};
    p.slots_n = req->in.proof.slots_n;
    p.slots = arena_array(a, p.slots_n, sizeof *p.slots);
    p.values = arena_array(a, p.slots_n, sizeof *p.values);
    if (p.slots == NULL || p.values == NULL)
        return ERR(reterr, E_NOMEM, "proof of %zu slots", p.slots_n);
    if (p.slots_n > 0)
        memcpy(p.slots, req->in.proof.slots, p.slots_n * sizeof *p.slots);
    status s = json_want_object(v, reterr);
    if (s == OK)
        s = read_account(json_get(v, "accountProof"), &p, reterr);
    if (s == OK)
        s = read_slots(json_get(v, "storageProof"), &p, reterr);
    if (s == OK)
        *ret = p;
    return s;
}
