/* SPDX-License-Identifier: Apache-2.0 */
/* QR codes as half-block characters. */
#include "app/qr.h"

#include <errno.h>
#include <qrencode.h>

#include "base/wipe.h"

#define QUIET 4

static bool is_dark(const QRcode *q, int x, int y)
{
    return x >= 0 && y >= 0 && x < q->width && y < q->width && (q->data[y * q->width + x] & 1) != 0;
}

/* The character of two modules, one above the other, that are drawn or not. */
static const char *half_block(bool above, bool below)
{
    if (above && below)
        return "\xe2\x96\x88";
    if (above)
        return "\xe2\x96\x80";
    return below ? "\xe2\x96\x84" : " ";
}

static status put_rows(const QRcode *q, bool ansi, struct buf *out)
{
    status st = OK;
    for (int y = -QUIET; st == OK && y < q->width + QUIET; y += 2) {
        if (ansi)
            st = buf_put_str(out, "\x1b[30;107m");
        for (int x = -QUIET; st == OK && x < q->width + QUIET; x++) {
            bool below_is_in = y + 1 < q->width + QUIET;
            bool above = is_dark(q, x, y) == ansi;
            bool below = below_is_in && is_dark(q, x, y + 1) == ansi;
            st = buf_put_str(out, half_block(above, below));
        }
        if (st == OK)
            st = buf_put_str(out, ansi ? "\x1b[0m\n" : "\n");
    }
    return st;
}

status qr_put(slice text, bool ansi, struct buf *out, struct err *reterr)
{
    char plain[QR_TEXT + 1];
    size_t start = out->n;
    if (text.n == 0)
        return ERR(reterr, E_RANGE, "QR code: of nothing");
    if (text.n > QR_TEXT)
        return ERR(reterr, E_TOO_LONG, "QR code: more than %zu bytes", QR_TEXT);
    for (size_t i = 0; i < text.n; i++)
        if (text.p[i] == 0 || text.p[i] > 0x7f)
            return ERR(reterr, E_RANGE, "QR code: byte %zu is not ASCII", i);
    memcpy(plain, text.p, text.n);
    plain[text.n] = 0;
    QRcode *q = QRcode_encodeString(plain, 0, QR_ECLEVEL_M, QR_MODE_8, 1);
    wipe(plain, sizeof plain);
    if (q == NULL)
        return ERR(reterr, errno == ENOMEM ? E_NOMEM : E_RANGE, "QR code: cannot be made");
    status st = put_rows(q, ansi, out);
    wipe(q->data, (size_t)q->width * (size_t)q->width);
    QRcode_free(q);
    if (st != OK)
        out->n = start;
    return st == OK ? OK : ERR(reterr, st, "QR code");
}
