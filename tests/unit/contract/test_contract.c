/* SPDX-License-Identifier: Apache-2.0 */
/* Bindings of the contracts: calldata as solc's own abi.encodeCall gives it, results, error texts.
 */
#include "test.h"

#include "contract/errors.h"
#include "contract/registry_abi.h"
#include "crypto/keccak.h"

static const char execute_call[] =
    "df905caf"
    "0000000000000000000000000000000000000000000000000000000000000020"
    "0000000000000000000000000000000000000000000000000000000000000011"
    "0000000000000000000000000000000000000000000000000000000000000022"
    "0000000000000000000000000000000000000000000000000000000000000003"
    "0000000000000000000000000000000000000000000000000000000000000004"
    "0000000000000000000000000000000000000000000000000000000000000005"
    "00000000000000000000000000000000000000000000000000000000000000e0"
    "0000000000000000000000000000000000000000000000000000000000000120"
    "0000000000000000000000000000000000000000000000000000000000000003"
    "aabbcc0000000000000000000000000000000000000000000000000000000000"
    "0000000000000000000000000000000000000000000000000000000000000001"
    "dd00000000000000000000000000000000000000000000000000000000000000";

static const char execute_batch_call[] =
    "ccf96b4a"
    "0000000000000000000000000000000000000000000000000000000000000040"
    "0000000000000000000000000000000000000000000000000000000000000055"
    "0000000000000000000000000000000000000000000000000000000000000002"
    "0000000000000000000000000000000000000000000000000000000000000040"
    "00000000000000000000000000000000000000000000000000000000000001a0"
    "0000000000000000000000000000000000000000000000000000000000000011"
    "0000000000000000000000000000000000000000000000000000000000000022"
    "0000000000000000000000000000000000000000000000000000000000000003"
    "0000000000000000000000000000000000000000000000000000000000000004"
    "0000000000000000000000000000000000000000000000000000000000000005"
    "00000000000000000000000000000000000000000000000000000000000000e0"
    "0000000000000000000000000000000000000000000000000000000000000120"
    "0000000000000000000000000000000000000000000000000000000000000003"
    "aabbcc0000000000000000000000000000000000000000000000000000000000"
    "0000000000000000000000000000000000000000000000000000000000000001"
    "dd00000000000000000000000000000000000000000000000000000000000000"
    "0000000000000000000000000000000000000000000000000000000000000033"
    "0000000000000000000000000000000000000000000000000000000000000044"
    "0000000000000000000000000000000000000000000000000000000000000000"
    "00000000000000000000000000000000000000000000000000000000000493e0"
    "0000000000000000000000000000000000000000000000000000ffffffffffff"
    "00000000000000000000000000000000000000000000000000000000000000e0"
    "0000000000000000000000000000000000000000000000000000000000000100"
    "0000000000000000000000000000000000000000000000000000000000000000"
    "0000000000000000000000000000000000000000000000000000000000000001"
    "ee00000000000000000000000000000000000000000000000000000000000000";

static const char grant_call[] = "611c8eb9"
                                 "0000000000000000000000000000000000000000000000000000000000000001"
                                 "0000000000000000000000000000000000000000000000000000000000000002"
                                 "0000000000000000000000000000000000000000000000000000000000000066"
                                 "000000000000000000000000000000000000000000000000000000000000000f"
                                 "0000000000000000000000000000000000000000000000000000000000000007"
                                 "0000000000000000000000000000000000000000000000000000000000000008"
                                 "0000000000000000000000000000000000000000000000000000000000000009";

static const char multicall_call[] =
    "ac9650d8"
    "0000000000000000000000000000000000000000000000000000000000000020"
    "0000000000000000000000000000000000000000000000000000000000000002"
    "0000000000000000000000000000000000000000000000000000000000000040"
    "0000000000000000000000000000000000000000000000000000000000000080"
    "0000000000000000000000000000000000000000000000000000000000000001"
    "0100000000000000000000000000000000000000000000000000000000000000"
    "0000000000000000000000000000000000000000000000000000000000000002"
    "0203000000000000000000000000000000000000000000000000000000000000";

static struct buf out;
static struct buf want;

static int setup(void **state)
{
    (void)state;
    buf_init(&out, (size_t)64 << 10);
    buf_init(&want, (size_t)64 << 10);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    buf_done(&out);
    buf_done(&want);
    return 0;
}

static slice unhex(const char *text)
{
    buf_clear(&want);
    assert_status(hex_read_buf(slice_str(text), &want), OK);
    return buf_slice(&want);
}

static addr20 an_address(uint8_t last)
{
    addr20 a = {{0}};
    a.b[19] = last;
    return a;
}

static hash32 a_hash(uint8_t last)
{
    hash32 h = {{0}};
    h.b[31] = last;
    return h;
}

static struct forward_request_data first_request(void)
{
    return (struct forward_request_data){
        .from = an_address(0x11),
        .to = an_address(0x22),
        .value = u256_from_u64(3),
        .gas = u256_from_u64(4),
        .deadline = 5,
        .data = SLICE_LIT("\xaa\xbb\xcc"),
        .signature = SLICE_LIT("\xdd"),
    };
}

static struct forward_request_data second_request(void)
{
    return (struct forward_request_data){
        .from = an_address(0x33),
        .to = an_address(0x44),
        .gas = u256_from_u64(300000),
        .deadline = 0xffffffffffff,
        .data = SLICE_EMPTY,
        .signature = SLICE_LIT("\xee"),
    };
}

static void encodes_a_grant(void **state)
{
    (void)state;
    status st = registry_put_grant(&out, a_hash(1), a_hash(2), an_address(0x66), 15, 7, 8, 9);
    assert_status(st, OK);
    assert_slice(buf_slice(&out), unhex(grant_call));
}

static void encodes_a_multicall(void **state)
{
    (void)state;
    slice calls[] = {SLICE_LIT("\x01"), SLICE_LIT("\x02\x03")};
    assert_status(registry_put_multicall(&out, calls, 2), OK);
    assert_slice(buf_slice(&out), unhex(multicall_call));
}

static void encodes_a_forward_request(void **state)
{
    (void)state;
    struct forward_request_data r = first_request();
    assert_status(forwarder_put_execute(&out, &r), OK);
    assert_slice(buf_slice(&out), unhex(execute_call));
}

static void encodes_a_batch_of_forward_requests(void **state)
{
    (void)state;
    struct forward_request_data r[] = {first_request(), second_request()};
    assert_status(forwarder_put_execute_batch(&out, r, 2, an_address(0x55)), OK);
    assert_slice(buf_slice(&out), unhex(execute_batch_call));
}

static void refuses_a_deadline_that_does_not_fit_uint48(void **state)
{
    (void)state;
    struct forward_request_data r = first_request();
    r.deadline = (uint64_t)1 << 48;
    assert_status(forwarder_put_execute(&out, &r), E_RANGE);
}

static void init_code_ends_with_the_constructor_arguments(void **state)
{
    (void)state;
    assert_status(registry_put_deploy(&out, an_address(0x77)), OK);
    assert_int_equal(out.n, registry_code.n + 32);
    assert_slice(slice_first(buf_slice(&out), registry_code.n), registry_code);
    assert_int_equal(out.p[out.n - 1], 0x77);
}

static void topics_and_selectors_are_hashes_of_the_signatures(void **state)
{
    (void)state;
    hash32 h;
    uint8_t selector[4];
    keccak256(SLICE_LIT("GrantSet(bytes32,bytes32,address,uint8,uint64,uint64,uint32)"), &h);
    assert_memory_equal(registry_topic_GrantSet, h.b, 32);
    abi_selector("addRecord(bytes32,bytes32,uint32,bytes32)", selector);
    assert_memory_equal(registry_sel_addRecord, selector, 4);
    keccak256(SLICE_LIT("REGISTRAR_ROLE"), &h);
    assert_memory_equal(registry_registrar_role, h.b, 32);
}

/* Five words as grantOf returns them. */
static slice grant_words(const uint8_t last[5])
{
    buf_clear(&want);
    for (size_t i = 0; i < 5; i++) {
        assert_int_equal(buf_put_zero(&want, 31), OK);
        assert_int_equal(buf_put_u8(&want, last[i]), OK);
    }
    return buf_slice(&want);
}

static void reads_a_grant(void **state)
{
    (void)state;
    struct registry_grant g;
    assert_status(registry_read_grant_of(grant_words((uint8_t[]){15, 7, 8, 1, 9}), &g), OK);
    assert_int_equal(g.permissions, 15);
    assert_int_equal(g.not_before, 7);
    assert_int_equal(g.not_after, 8);
    assert_int_equal(g.status, REGISTRY_GRANT_ACTIVE);
    assert_int_equal(g.generation, 9);
}

static void refuses_a_grant_cut_short(void **state)
{
    (void)state;
    struct registry_grant g;
    slice whole = grant_words((uint8_t[]){15, 7, 8, 1, 9});
    for (size_t n = 0; n < whole.n; n++)
        assert_status(registry_read_grant_of(slice_first(whole, n), &g), E_TRUNCATED);
}

static void refuses_a_number_above_its_type(void **state)
{
    (void)state;
    struct registry_grant g;
    slice words = grant_words((uint8_t[]){15, 7, 8, 1, 9});
    want.p[30] = 1; /* permissions = 256 + 15 */
    assert_status(registry_read_grant_of(words, &g), E_RANGE);
}

static void assert_text(slice revert_data, const char *text)
{
    buf_clear(&out);
    assert_status(contract_error_text(revert_data, &out), OK);
    assert_slice(buf_slice(&out), slice_str(text));
}

#define WORD0 "00000000000000000000000000000000000000000000000000000000000000"
#define WORD_A "000000000000000000000000abababababababababababababababababababab"

static void names_errors_with_their_values(void **state)
{
    (void)state;
    assert_text(unhex("a1c44e80" WORD0 "03"), "StaleEpoch(current=3)");
    assert_text(unhex("89e8e0cb" WORD_A),
                "AccountSuspended(account=0xabababababababababababababababababababab)");
    assert_text(unhex("d6bda275"), "FailedCall()");
    assert_text(unhex("4e487b71" WORD0 "11"), "Panic(code=17)");
    assert_text(unhex("53e201d3" WORD0 "05" WORD0 "04"),
                "GrantInvalidPeriod(notBefore=5, notAfter=4)");
}

static void shows_only_printable_characters_of_a_reason(void **state)
{
    (void)state;
    assert_text(unhex("08c379a0" WORD0 "20" WORD0 "04"
                      "6f1b226b00000000000000000000000000000000000000000000000000000000"),
                "Error(reason=\"o\\x1b\\x22k\")");
}

static void says_so_when_there_is_no_or_an_unknown_error(void **state)
{
    (void)state;
    assert_text(SLICE_EMPTY, "reverted without a reason");
    assert_text(unhex("deadbeef00"), "unknown error 0xdeadbeef");
    assert_text(unhex("dead"), "unknown error 0xdead");
}

static void shows_what_is_missing_as_a_question_mark(void **state)
{
    (void)state;
    assert_text(unhex("a1c44e80"), "StaleEpoch(current=?)");
    assert_text(unhex("08c379a0" WORD0 "ff"), "Error(reason=?)");
    assert_text(unhex("89e8e0cb" WORD0), "AccountSuspended(account=?)");
}

static void assert_words(const char *text, const char *words)
{
    const char *got = contract_error_words(slice_str(text));
    assert_true((got == NULL) == (words == NULL));
    if (words != NULL)
        assert_string_equal(got, words);
}

static void says_in_words_what_a_refusal_means(void **state)
{
    (void)state;
    assert_words("RecordInvalidStatus(folderId=0x01, recordId=0x02, status=3)",
                 "the record is removed already");
    assert_words("RecordInvalidStatus(folderId=0x01, recordId=0x02, status=2)",
                 "the record is marked as an error already");
    assert_words("RecordNotPermitted(folderId=0x01, recordId=0x02, account=0x03, permission=4)",
                 "you may not amend in this folder");
    assert_words("the contract refuses: AccessControlUnauthorizedAccount(account=0x01, "
                 "neededRole=0xedcc)",
                 "you are no registrar");
    assert_words("AccessControlUnauthorizedAccount(account=0x01, neededRole=0x" WORD0 "00)",
                 "you do not administer this registry");
    assert_words("FolderNotOwned(", "the folder is not yours");
}

static void has_no_words_for_what_only_looks_like_a_refusal(void **state)
{
    (void)state;
    assert_words("", NULL);
    assert_words("FolderNotOwned", NULL);
    assert_words("MyFolderNotOwned()", NULL);
    assert_words("RecordInvalidStatus(status=31)", NULL);
    assert_words("RecordInvalidStatus(xstatus=3)", NULL);
    assert_words("RecordInvalidStatus(folderId=0x01) status=3", NULL);
    assert_words("Error(reason=\"no\")", NULL);
}

/* Selectors and names of the table: a name without words is one that users do not meet. */
static void words_are_of_errors_that_there_are(void **state)
{
    (void)state;
    char text[128];
    size_t n = 0;
    for (size_t i = 0; i < contract_errors_n; i++) {
        (void)snprintf(text, sizeof text, "%s(", contract_errors[i].name);
        n += contract_error_words(slice_str(text)) != NULL ? 1 : 0;
    }
    assert_int_equal(n, 17);
}

static void every_error_has_a_text_that_fits(void **state)
{
    (void)state;
    uint8_t data[4 + 32 * 8];
    memset(data, 0xff, sizeof data);
    for (size_t i = 0; i < contract_errors_n; i++) {
        memcpy(data, contract_errors[i].selector, 4);
        buf_clear(&out);
        assert_status(contract_error_text(slice_of(data, sizeof data), &out), OK);
        assert_true(contract_error_is(slice_of(data, sizeof data), contract_errors[i].name));
    }
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(encodes_a_grant),
        T(encodes_a_multicall),
        T(encodes_a_forward_request),
        T(encodes_a_batch_of_forward_requests),
        T(refuses_a_deadline_that_does_not_fit_uint48),
        T(init_code_ends_with_the_constructor_arguments),
        T(topics_and_selectors_are_hashes_of_the_signatures),
        T(reads_a_grant),
        T(refuses_a_grant_cut_short),
        T(refuses_a_number_above_its_type),
        T(names_errors_with_their_values),
        T(shows_only_printable_characters_of_a_reason),
        T(says_so_when_there_is_no_or_an_unknown_error),
        T(shows_what_is_missing_as_a_question_mark),
        T(says_in_words_what_a_refusal_means),
        T(has_no_words_for_what_only_looks_like_a_refusal),
        T(words_are_of_errors_that_there_are),
        T(every_error_has_a_text_that_fits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
