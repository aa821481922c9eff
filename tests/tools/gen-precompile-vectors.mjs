// SPDX-License-Identifier: Apache-2.0
// Prints tests/unit/evm/precompile_vectors.txt, from implementations that are not ours:
//   npm install @noble/curves@2.4.0 c-kzg@4.1.0 --ignore-scripts   (in a folder of your own)
//   node /path/to/gen-precompile-vectors.mjs FOLDER >tests/unit/evm/precompile_vectors.txt
// A line is: NAME REV ADDRESS GAS|fail INPUT OUTPUT, bytes in hex, "-" for none. Prices follow the EIPs' text.
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'

const folder = process.argv[2]
const require = createRequire(folder + '/')
const load = (name) => import(pathToFileURL(require.resolve(name)).href)
const { bn254 } = await load('@noble/curves/bn254.js')
const { bls12_381: bls } = await load('@noble/curves/bls12-381.js')
const { p256 } = await load('@noble/curves/nist.js')
const { secp256k1 } = await load('@noble/curves/secp256k1.js')
const { keccak_256 } = await load('@noble/hashes/sha3.js')

// Random numbers that are the same in every run.
let counter = 0
const bytes = (n) => {
  let b = Buffer.alloc(0)
  while (b.length < n) b = Buffer.concat([b, createHash('sha256').update('ehrd precompiles ' + counter++).digest()])
  return b.subarray(0, n)
}
const int = (b) => (b.length ? BigInt('0x' + Buffer.from(b).toString('hex')) : 0n)
const be = (v, n) => Buffer.from(v.toString(16).padStart(2 * n, '0'), 'hex')
const word = (v) => be(BigInt(v), 32)
const cat = (...parts) => Buffer.concat(parts.map((p) => Buffer.from(p)))
const hex = (b) => (b.length ? Buffer.from(b).toString('hex') : '-')
const say = (name, rev, addr, gas, input, output) =>
  console.log(name, rev, addr.toString(16).padStart(3, '0'), gas, hex(input), hex(output))
const fail = (name, rev, addr, input) => say(name, rev, addr, 'fail', input, [])
const words = (n) => Math.ceil(n / 32)
const sha256 = (b) => createHash('sha256').update(b).digest()
console.log('# Made by tests/tools/gen-precompile-vectors.mjs')

// 01 ecrecover
const N = secp256k1.Point.Fn.ORDER
for (let i = 0; i < 4; i++) {
  const key = bytes(32), h = bytes(32)
  const sig = secp256k1.sign(h, key, { prehash: false, format: 'recovered' })
  const pub = secp256k1.getPublicKey(key, false).slice(1)
  const addr = keccak_256(pub).slice(12)
  let v = 27 + sig[0], r = sig.slice(1, 33), s = sig.slice(33)
  const want = cat(Buffer.alloc(12), addr)
  if (i === 1) { s = be(N - int(s), 32); v = 27 + 28 - v } // high s is fine
  const input = cat(h, word(v), r, s)
  say('ecrecover', 'Frontier', 1, 3000, input, want)
  say('ecrecover_trailing', 'Osaka', 1, 3000, cat(input, bytes(5)), want)
  if (i) continue
  say('ecrecover_v29', 'Osaka', 1, 3000, cat(h, word(29), r, s), [])
  say('ecrecover_v0', 'Osaka', 1, 3000, cat(h, word(0), r, s), [])
  say('ecrecover_wide_v', 'Osaka', 1, 3000, cat(h, word((1n << 8n) + BigInt(v)), r, s), [])
  say('ecrecover_zero_r', 'Osaka', 1, 3000, cat(h, word(v), word(0), s), [])
  say('ecrecover_zero_s', 'Osaka', 1, 3000, cat(h, word(v), r, word(0)), [])
  say('ecrecover_order_s', 'Osaka', 1, 3000, cat(h, word(v), r, word(N)), [])
  say('ecrecover_short', 'Osaka', 1, 3000, input.subarray(0, 127), (() => {
    try { // the last byte of s reads as zero
      const cut = cat(r, s.slice(0, 31), [0])
      const p = secp256k1.Signature.fromBytes(cut, 'compact').addRecoveryBit(v - 27).recoverPublicKey(h)
      return cat(Buffer.alloc(12), keccak_256(p.toBytes(false).slice(1)).slice(12))
    } catch { return [] }
  })())
}
say('ecrecover_empty', 'Osaka', 1, 3000, [], [])

// 02, 03, 04
for (const n of [0, 1, 31, 32, 33, 55, 56, 63, 64, 65, 119, 120, 128, 300]) {
  const m = bytes(n)
  say('sha256', 'Frontier', 2, 60 + 12 * words(n), m, sha256(m))
  say('ripemd160', 'Frontier', 3, 600 + 120 * words(n), m, cat(Buffer.alloc(12), createHash('ripemd160').update(m).digest()))
  say('identity', 'Frontier', 4, 15 + 3 * words(n), m, m)
}

// 05 modexp
const powmod = (b, e, m) => {
  if (m <= 1n) return 0n
  let r = 1n
  for (b %= m; e > 0n; e >>= 1n, b = (b * b) % m) if (e & 1n) r = (r * b) % m
  return r
}
const max = (a, b) => (a > b ? a : b)
function modexpGas(rev, bl, el, ml, e) {
  const head = el <= 32n ? e : e >> (8n * (el - 32n))
  const bits = head === 0n ? 0n : BigInt(head.toString(2).length - 1)
  const x = max(bl, ml), w = (x + 7n) / 8n
  const iterations = (k) => max(el <= 32n ? bits : k * (el - 32n) + bits, 1n)
  if (rev === 'Byzantium') {
    const c = x <= 64n ? x * x : x <= 1024n ? x * x / 4n + 96n * x - 3072n : x * x / 16n + 480n * x - 199680n
    return c * iterations(8n) / 20n
  }
  if (rev === 'Berlin') return max(200n, w * w * iterations(8n) / 3n)
  return max(500n, (x > 32n ? 2n * w * w : 16n) * iterations(16n))
}
function modexp(name, b, e, m, cut = 0) {
  let input = cat(word(b.length), word(e.length), word(m.length), b, e, m)
  if (cut) input = input.subarray(0, input.length - cut)
  const head = cat(input, Buffer.alloc(96)).subarray(0, 96)
  const [bl, el, ml] = [0, 32, 64].map((at) => Number(int(head.subarray(at, at + 32))))
  const data = cat(input.subarray(96), Buffer.alloc(bl + el + ml))
  const B = int(data.subarray(0, bl)), E = int(data.subarray(bl, bl + el)), M = int(data.subarray(bl + el, bl + el + ml))
  const out = ml ? be(powmod(B, E, M), ml) : []
  for (const rev of ['Byzantium', 'Berlin', 'Osaka'])
    if (rev === 'Osaka' && Math.max(bl, el, ml) > 1024) fail(name, rev, 5, input)
    else say(name, rev, 5, modexpGas(rev, BigInt(bl), BigInt(el), BigInt(ml), E), input, out)
}
const B = (...a) => Buffer.from(a)
modexp('modexp_empty', B(), B(), B())
modexp('modexp_3_2_5', B(3), B(2), B(5))
modexp('modexp_0_0_7', B(0), B(0), B(7))
modexp('modexp_mod_0', B(5), B(9), B(0))
modexp('modexp_mod_1', B(5), B(9), B(1))
modexp('modexp_no_base', B(), B(9), B(7))
modexp('modexp_no_exp', B(2), B(), B(0, 7))
modexp('modexp_even', bytes(40), bytes(12), cat(bytes(39), [4]))
modexp('modexp_power_of_two', bytes(40), bytes(12), cat([1], Buffer.alloc(39)))
for (const [b, e, m] of [[1, 32, 32], [32, 32, 32], [32, 33, 32], [64, 3, 64], [64, 40, 65], [100, 64, 33], [256, 3, 256], [3, 1, 300], [1, 1, 1024], [1025, 1, 8]])
  modexp('modexp_random', bytes(b), bytes(e), bytes(m))
modexp('modexp_cut_in_mod', bytes(32), bytes(32), bytes(32), 7)
modexp('modexp_cut_in_exp', bytes(32), bytes(32), bytes(32), 40)
modexp('modexp_cut_in_base', bytes(32), bytes(32), bytes(32), 80)
modexp('modexp_cut_in_head', bytes(2), bytes(2), bytes(2), 16)
modexp('modexp_zero_head_exp', bytes(8), cat(Buffer.alloc(32), bytes(8)), bytes(8))
modexp('modexp_fermat', B(3), be(2n ** 256n - 2n ** 32n - 978n, 32), be(2n ** 256n - 2n ** 32n - 977n, 32))
say('modexp_huge_exp_of_nothing', 'Byzantium', 5, 0, cat(word(0), word(2n ** 255n), word(0)), [])
say('modexp_huge_exp_of_nothing', 'Berlin', 5, 200, cat(word(0), word(2n ** 255n), word(0)), [])
for (const rev of ['Byzantium', 'Berlin', 'Osaka']) {
  fail('modexp_huge_base', rev, 5, cat(word(2n ** 64n), word(1), word(1)))
  fail('modexp_huge_mod', rev, 5, cat(word(1), word(1), word(2n ** 256n - 1n)))
  fail('modexp_huge_exp', rev, 5, cat(word(1), word(2n ** 64n + 1n), word(1)))
}
fail('modexp_huge_exp_of_nothing', 'Osaka', 5, cat(word(0), word(1025), word(0)))

// 06, 07, 08 bn254
const g1 = bn254.G1.Point ?? bn254.G1.ProjectivePoint, g2 = bn254.G2.Point ?? bn254.G2.ProjectivePoint
const P = bn254.fields.Fp.ORDER, R = bn254.fields.Fr.ORDER
const rnd = (order) => int(bytes(48)) % (order - 1n) + 1n
const enc1 = (p) => { if (p.is0()) return Buffer.alloc(64); const a = p.toAffine(); return cat(word(a.x), word(a.y)) }
const enc2 = (p) => {
  if (p.is0()) return Buffer.alloc(128)
  const a = p.toAffine()
  return cat(word(a.x.c1), word(a.x.c0), word(a.y.c1), word(a.y.c0))
}
const mul = (p, k) => (k % R === 0n ? p.constructor.ZERO : p.multiply(k % R))
const three = (name, addr, old, now, input, output) => {
  for (const [rev, gas] of [['Byzantium', old], ['Istanbul', now]])
    if (output) say(name, rev, addr, gas, input, output)
    else fail(name, rev, addr, input)
}
const add = (name, input, output) => three(name, 6, 500, 150, input, output)
const G = g1.BASE, H = g2.BASE
for (let i = 0; i < 6; i++) {
  const a = mul(G, rnd(R)), b = mul(G, rnd(R))
  add('bn254_add', cat(enc1(a), enc1(b)), enc1(a.add(b)))
  if (i) continue
  add('bn254_add_trailing', cat(enc1(a), enc1(b), bytes(3)), enc1(a.add(b)))
  add('bn254_add_double', cat(enc1(a), enc1(a)), enc1(a.double()))
  add('bn254_add_inverse', cat(enc1(a), enc1(a.negate())), Buffer.alloc(64))
  add('bn254_add_zero_left', cat(Buffer.alloc(64), enc1(a)), enc1(a))
  add('bn254_add_zero_right', enc1(a), enc1(a))
  add('bn254_add_off_curve', cat(enc1(a), word(1), word(3)), null)
  add('bn254_add_x_is_p', cat(word(P), word(0), enc1(a)), null)
  add('bn254_add_x_over_p', cat(word(P + 1n), word(2), enc1(a)), null)
  add('bn254_add_y_over_p', cat(word(1), word(P + 2n), enc1(a)), null)
  add('bn254_add_cut', enc1(a).subarray(0, 63), null)
}
add('bn254_add_empty', [], Buffer.alloc(64))
const smul = (name, input, output) => three(name, 7, 40000, 6000, input, output)
for (let i = 0; i < 8; i++) {
  const a = mul(G, rnd(R)), k = int(bytes(32))
  smul('bn254_mul', cat(enc1(a), word(k)), enc1(mul(a, k)))
}
for (const k of [0n, 1n, 2n, 3n, 9n, R - 1n, R, R + 1n, P, 2n ** 128n, 2n ** 127n - 1n, 2n ** 256n - 1n])
  smul('bn254_mul_edge', cat(enc1(G), word(k)), enc1(mul(G, k)))
smul('bn254_mul_of_zero', cat(Buffer.alloc(64), word(5)), Buffer.alloc(64))
smul('bn254_mul_short', enc1(G), Buffer.alloc(64))
smul('bn254_mul_empty', [], Buffer.alloc(64))
smul('bn254_mul_off_curve', cat(word(1), word(1), word(5)), null)
smul('bn254_mul_off_curve_by_zero', cat(word(1), word(1), word(0)), null)
const pairing = (name, pairs, truth) => {
  const input = cat(...pairs), k = Math.floor(input.length / 192)
  const out = truth === null ? null : word(truth ? 1 : 0)
  three(name, 8, 100000 + 80000 * k, 45000 + 34000 * k, input, out)
}
const pr = (a, b) => cat(enc1(a), enc2(b))
pairing('bn254_pairing_empty', [], true)
pairing('bn254_pairing_one', [pr(G, H)], false)
pairing('bn254_pairing_zero_g1', [pr(g1.ZERO, H)], true)
pairing('bn254_pairing_zero_g2', [pr(G, g2.ZERO)], true)
for (let i = 0; i < 3; i++) {
  const a = rnd(R), b = rnd(R), c = rnd(R)
  pairing('bn254_pairing_ab', [pr(mul(G, a), mul(H, b)), pr(mul(G, a * b).negate(), H)], true)
  pairing('bn254_pairing_wrong', [pr(mul(G, a), mul(H, b)), pr(mul(G, a * b + 1n).negate(), H)], false)
  const d = (R - (a * b + c) % R) % R
  pairing('bn254_pairing_three', [pr(mul(G, a), mul(H, b)), pr(G, mul(H, c)), pr(mul(G, d), H)], true)
}
{ // more than one batch, zeros among them
  const pairs = []
  let sum = 0n
  for (let i = 0; i < 10; i++) {
    const a = rnd(R), b = rnd(R)
    sum += a * b
    pairs.push(pr(mul(G, a), mul(H, b)))
    if (i === 4) pairs.push(pr(g1.ZERO, mul(H, a)))
  }
  pairing('bn254_pairing_eleven', pairs, false)
  pairing('bn254_pairing_twelve', [...pairs, pr(mul(G, R - sum % R), H)], true)
}
pairing('bn254_pairing_length', [pr(G, H), B(0)], null)
pairing('bn254_pairing_g1_off_curve', [cat(word(1), word(3), enc2(H))], null)
pairing('bn254_pairing_g2_off_curve', [cat(enc1(G), word(1), word(2), word(3), word(4))], null)
pairing('bn254_pairing_g2_over_p', [cat(enc1(G), word(int(enc2(H).subarray(0, 32)) + P), enc2(H).subarray(32))], null)
pairing('bn254_pairing_g1_zero_g2_bad', [cat(Buffer.alloc(64), word(1), word(2), word(3), word(4))], null)
{ // a point of the twist outside the subgroup: try x until x^3 + b has a root
  const { Fp2 } = bn254.fields
  const b2 = Fp2.div({ c0: 3n, c1: 0n }, { c0: 9n, c1: 1n })
  for (let i = 1n, found = 0; found < 2; i++) {
    const x = { c0: i, c1: 0n }
    try {
      const y = Fp2.sqrt(Fp2.add(Fp2.mul(Fp2.sqr(x), x), b2))
      const q = cat(word(x.c1), word(x.c0), word(y.c1), word(y.c0))
      pairing('bn254_pairing_g2_no_subgroup', [cat(enc1(G), q)], null)
      pairing('bn254_pairing_zero_and_no_subgroup', [cat(Buffer.alloc(64), q)], null)
      found++
    } catch {}
  }
}

// 09 blake2f: EIP-152's examples
const m3 = '48c9bdf267e6096a3ba7ca8485ae67bb2bf894fe72f36e3cf1361d5f3af54fa5d182e6ad7f520e511f6c3e2b8c68059b6bbd41fbabd9831f79217e1319cde05b' + '616263' + '0'.repeat(250) + '03' + '0'.repeat(30)
const blake = (rounds, last) => Buffer.from(be(BigInt(rounds), 4).toString('hex') + m3 + last, 'hex')
const b2 = (rounds, last, out) => say('blake2f', 'Istanbul', 9, rounds, blake(rounds, last), Buffer.from(out, 'hex'))
b2(0, '01', '08c9bcf367e6096a3ba7ca8485ae67bb2bf894fe72f36e3cf1361d5f3af54fa5d282e6ad7f520e511f6c3e2b8c68059b9442be0454267ce079217e1319cde05b')
b2(12, '01', 'ba80a53f981c4d0d6a2797b69f12f6e94c212f14685ac4b74b12bb6fdbffa2d17d87c5392aab792dc252d5de4533cc9518d38aa8dbf1925ab92386edd4009923')
b2(12, '00', '75ab69d3190a562c51aef8d88f1c2775876944407270c42c9844252c26d2875298743e7f6d5ea2f2d3e8d226039cd31b4e426ac4f2d3d666a610c2116fde4735')
b2(1, '01', 'b63a380cb2897d521994a85234ee2c181b5f844d2c624c002677e9703449d2fba551b3a8333bcdf5f2f7e08993d53923de3d64fcc68c034e717b9293fed7a421')
fail('blake2f_empty', 'Istanbul', 9, [])
fail('blake2f_short', 'Istanbul', 9, blake(12, '01').subarray(1))
fail('blake2f_long', 'Istanbul', 9, cat([0], blake(12, '01')))
fail('blake2f_flag', 'Istanbul', 9, blake(12, '02'))

// 0a KZG: polynomials of degree 2 over the ceremony's points
const L = bls.G1.Point ?? bls.G1.ProjectivePoint, M2 = bls.G2.Point ?? bls.G2.ProjectivePoint
const Q = bls.fields.Fr.ORDER
const setup = readFileSync(require.resolve('c-kzg/package.json').replace('package.json', 'deps/c-kzg/trusted_setup.txt'), 'utf8').split('\n')
const mono = setup.slice(2 + 4096 + 65).map((h) => h.trim()).filter(Boolean) // g1_monomial
const tau = [0, 1, 2].map((i) => L.fromHex(mono[i]))
const lmul = (p, k) => (((k % Q) + Q) % Q === 0n ? p.constructor.ZERO : p.multiply(((k % Q) + Q) % Q))
const kzgOut = cat(word(4096), word(Q))
const kzg = (name, c, z, y, w, ok, hash) => {
  const input = cat(hash ?? cat([1], sha256(c).subarray(1)), word(z), word(y), c, w)
  if (ok) say(name, 'Cancun', 10, 50000, input, kzgOut)
  else fail(name, 'Cancun', 10, input)
}
for (let i = 0; i < 5; i++) {
  const [a, b, c] = i === 4 ? [rnd(Q), 0n, 0n] : [rnd(Q), rnd(Q), rnd(Q)], z = i === 3 ? 0n : rnd(Q)
  const y = (a + b * z + c * z * z) % Q
  const C = lmul(tau[0], a).add(lmul(tau[1], b)).add(lmul(tau[2], c)).toBytes()
  const W = lmul(tau[0], b + c * z).add(lmul(tau[1], c)).toBytes()
  kzg(i === 4 ? 'kzg_constant' : 'kzg', C, z, y, W, true)
  kzg('kzg_wrong_y', C, z, (y + 1n) % Q, W, false)
  if (i) continue
  kzg('kzg_wrong_z', C, (z + 1n) % Q, y, W, false)
  kzg('kzg_wrong_proof', C, z, y, C, false)
  kzg('kzg_z_over', C, z + Q, y, W, z + Q >= 2n ** 256n)
  kzg('kzg_y_is_order', C, z, Q, W, false)
  kzg('kzg_wrong_hash', C, z, y, W, false, cat([1], bytes(31)))
  kzg('kzg_wrong_version', C, z, y, W, false, cat([2], sha256(C).subarray(1)))
  kzg('kzg_proof_no_point', C, z, y, Buffer.alloc(48), false)
  fail('kzg_long', 'Cancun', 10, cat(cat([1], sha256(C).subarray(1)), word(z), word(y), C, W, [0]))
  fail('kzg_short', 'Cancun', 10, cat(cat([1], sha256(C).subarray(1)), word(z), word(y), C, W.subarray(1)))
}
const inf = cat([0xc0], Buffer.alloc(47))
kzg('kzg_zero_polynomial', inf, rnd(Q), 0n, inf, true)

// 0b to 11 BLS12-381
const fp = (v) => be(v, 64)
const fq2 = (a) => cat(fp(a.c0), fp(a.c1))
const e1 = (p) => { if (p.is0()) return Buffer.alloc(128); const a = p.toAffine(); return cat(fp(a.x), fp(a.y)) }
const e2 = (p) => { if (p.is0()) return Buffer.alloc(256); const a = p.toAffine(); return cat(fq2(a.x), fq2(a.y)) }
const p12 = bls.fields.Fp.ORDER
const pt = (name, addr, gas, input, output) => (output ? say(name, 'Prague', addr, gas, input, output) : fail(name, 'Prague', addr, input))
// Points of the curves outside the subgroups: the first x with a root.
let off1, off2
for (let x = 1n; !off1; x++) {
  try { const y = bls.fields.Fp.sqrt((x ** 3n + 4n) % p12); off1 = L.fromAffine({ x, y }); if (off1.isTorsionFree()) off1 = undefined } catch {}
}
const { Fp2: F2 } = bls.fields
for (let i = 1n; !off2; i++) {
  const x = { c0: i, c1: 0n }
  try { const y = F2.sqrt(F2.add(F2.mul(F2.sqr(x), x), { c0: 4n, c1: 4n })); off2 = M2.fromAffine({ x, y }); if (off2.isTorsionFree()) off2 = undefined } catch {}
}
for (const [name, addr, gas, BASE, off, e, Z] of [['g1', 11, 375, L.BASE, off1, e1, L.ZERO], ['g2', 13, 600, M2.BASE, off2, e2, M2.ZERO]]) {
  const a = BASE.multiply(rnd(Q)), b = BASE.multiply(rnd(Q))
  pt(`bls_${name}add`, addr, gas, cat(e(a), e(b)), e(a.add(b)))
  pt(`bls_${name}add_double`, addr, gas, cat(e(a), e(a)), e(a.double()))
  pt(`bls_${name}add_inverse`, addr, gas, cat(e(a), e(a.negate())), e(Z))
  pt(`bls_${name}add_zero`, addr, gas, cat(e(Z), e(b)), e(b))
  pt(`bls_${name}add_zeros`, addr, gas, cat(e(Z), e(Z)), e(Z))
  pt(`bls_${name}add_outside_subgroup`, addr, gas, cat(e(off), e(b)), e(off.add(b)))
  pt(`bls_${name}add_short`, addr, gas, cat(e(a), e(b).subarray(1)), null)
  pt(`bls_${name}add_long`, addr, gas, cat(e(a), e(b), [0]), null)
  pt(`bls_${name}add_empty`, addr, gas, [], null)
  const bad = e(a); bad[0] = 1
  pt(`bls_${name}add_padding`, addr, gas, cat(bad, e(b)), null)
  const over = e(a); fp(int(over.subarray(0, 64)) + p12).copy(over)
  pt(`bls_${name}add_over_p`, addr, gas, cat(over, e(b)), null)
  const no = e(a); no[no.length - 1] ^= 1
  pt(`bls_${name}add_off_curve`, addr, gas, cat(no, e(b)), null)
}
const discount1 = { 1: 1000, 2: 949, 3: 848, 16: 677, 128: 519, 129: 519 }
const discount2 = { 1: 1000, 2: 1000, 3: 923, 16: 717, 128: 524, 129: 524 }
for (const [name, addr, one, BASE, off, e, Z, d] of [['g1', 12, 12000, L.BASE, off1, e1, L.ZERO, discount1], ['g2', 14, 22500, M2.BASE, off2, e2, M2.ZERO, discount2]]) {
  const msm = (what, terms, output) =>
    pt(`bls_${name}msm${what}`, addr, Math.floor(terms.length * one * d[terms.length] / 1000), cat(...terms.map(([p, k]) => cat(e(p), word(k)))), output && e(output))
  for (const n of [1, 2, 3, 16]) {
    const terms = Array.from({ length: n }, () => [BASE.multiply(rnd(Q)), int(bytes(32))])
    msm('', terms, terms.reduce((s, [p, k]) => s.add(lmul(p, k)), Z))
  }
  const a = BASE.multiply(rnd(Q))
  for (const k of [0n, 1n, Q - 1n, Q, Q + 1n, 2n ** 256n - 1n]) msm('_edge', [[a, k]], lmul(a, k))
  msm('_zero', [[Z, 7n]], Z)
  msm('_with_zero', [[Z, 7n], [a, 3n]], lmul(a, 3n))
  msm('_same_twice', [[a, 5n], [a, 5n]], lmul(a, 10n))
  msm('_cancels', [[a, 5n], [a.negate(), 5n]], Z)
  msm('_outside_subgroup', [[off, 1n]], null)
  msm('_outside_subgroup_by_zero', [[a, 1n], [off, 0n]], null)
  pt(`bls_${name}msm_empty`, addr, 0, [], null)
  pt(`bls_${name}msm_short`, addr, 0, cat(e(a), word(1)).subarray(1), null)
  pt(`bls_${name}msm_long`, addr, 0, cat(e(a), word(1), [0]), null)
}
const bpair = (name, pairs, truth) => {
  const input = cat(...pairs)
  pt(name, 15, 37700 + 32600 * (input.length / 384), input, truth === null ? null : word(truth ? 1 : 0))
}
const bp = (a, b) => cat(e1(a), e2(b))
{
  const a = rnd(Q), b = rnd(Q), g = L.BASE, h = M2.BASE
  bpair('bls_pairing_ab', [bp(lmul(g, a), lmul(h, b)), bp(lmul(g, a * b).negate(), h)], true)
  bpair('bls_pairing_wrong', [bp(lmul(g, a), lmul(h, b)), bp(lmul(g, a * b + 1n).negate(), h)], false)
  bpair('bls_pairing_one', [bp(g, h)], false)
  bpair('bls_pairing_zero_g1', [bp(L.ZERO, h)], true)
  bpair('bls_pairing_zero_g2', [bp(g, M2.ZERO)], true)
  const many = []
  let sum = 0n
  for (let i = 0; i < 9; i++) { const c = rnd(Q), d = rnd(Q); sum += c * d; many.push(bp(lmul(g, c), lmul(h, d))) }
  bpair('bls_pairing_ten', [...many, bp(lmul(g, -sum), h)], true)
  bpair('bls_pairing_nine', many, false)
  bpair('bls_pairing_empty', [], null)
  bpair('bls_pairing_long', [bp(g, h), B(0)], null)
  bpair('bls_pairing_g1_outside', [bp(off1, h)], null)
  bpair('bls_pairing_g2_outside', [bp(g, off2)], null)
  bpair('bls_pairing_zero_and_outside', [bp(L.ZERO, off2)], null)
  bpair('bls_pairing_outside_and_zero', [bp(off1, M2.ZERO)], null)
}
for (const v of [0n, 1n, p12 - 1n, int(bytes(60)) % p12, int(bytes(60)) % p12])
  pt('bls_map_fp', 16, 5500, fp(v), e1(bls.G1.mapToCurve ? bls.G1.mapToCurve(v) : L.fromAffine(bls.G1.createHasher.mapToCurve(v))))
for (const [a, b] of [[0n, 0n], [1n, 0n], [p12 - 1n, 5n], [int(bytes(60)) % p12, int(bytes(60)) % p12]])
  pt('bls_map_fp2', 17, 23800, cat(fp(a), fp(b)), e2(bls.G2.mapToCurve([a, b])))
pt('bls_map_fp_over', 16, 5500, fp(p12), null)
pt('bls_map_fp_short', 16, 5500, fp(1n).subarray(1), null)
pt('bls_map_fp2_over', 17, 23800, cat(fp(1n), fp(p12)), null)
pt('bls_map_fp2_long', 17, 23800, cat(fp(1n), fp(1n), [0]), null)

// 100 P256VERIFY
const N256 = p256.Point.Fn.ORDER, p256p = p256.Point.Fp.ORDER
const verify = (name, input, ok) => say(name, 'Osaka', 256, 6900, input, ok ? word(1) : [])
for (let i = 0; i < 4; i++) {
  const key = bytes(32), h = bytes(32), sig = p256.sign(h, key, { prehash: false, lowS: false })
  const pub = p256.getPublicKey(key, false).slice(1), r = sig.slice(0, 32), s = sig.slice(32)
  verify('p256', cat(h, r, s, pub), true)
  verify('p256_other_s', cat(h, r, be(N256 - int(s), 32), pub), true)
  verify('p256_wrong_hash', cat(bytes(32), r, s, pub), false)
  if (i) continue
  verify('p256_zero_r', cat(h, word(0), s, pub), false)
  verify('p256_zero_s', cat(h, r, word(0), pub), false)
  verify('p256_order_r', cat(h, word(N256), s, pub), false)
  verify('p256_order_s', cat(h, r, word(N256), pub), false)
  verify('p256_off_curve', cat(h, r, s, pub.slice(0, 63), [pub[63] ^ 1]), false)
  verify('p256_x_over_p', cat(h, r, s, be(p256p + 5n, 32), p256.Point.fromAffine({ x: 5n, y: p256.Point.Fp.sqrt(0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604bn + 125n - 15n) }).toBytes(false).slice(33)), false)
  verify('p256_zero_key', cat(h, r, s, word(0), word(0)), false)
  verify('p256_short', cat(h, r, s, pub).subarray(1), false)
  verify('p256_long', cat(h, r, s, pub, [0]), false)
}
verify('p256_empty', [], false)
