// SPDX-License-Identifier: Apache-2.0
// The registry's calls, answers, events, errors and storage, and OpenZeppelin's forwarder.
import { abiCall, AbiReader, type AbiValue, keccak } from '../codec/abi.js';
import { bigOf, type Bytes, bytesEqual, concat, fromHex, toHex, utf8 } from '../codec/bytes.js';
import type { Address, DecodedCall, Hash, Hex, Role } from '../types.js';

// ---- calls ---------------------------------------------------------------------------------------

const CALLS = {
  registerAccount: ['address account', 'uint8 role', 'uint64 validUntil'],
  suspendAccount: ['address account'],
  reinstateAccount: ['address account'],
  setKeyCard: ['bytes32 keyCardHash'],
  openFolder: ['bytes32 salt', 'bytes32 keyHash'],
  rotateFolder: ['bytes32 folderId', 'uint32 expectedEpoch', 'bytes32 keyHash'],
  transferFolder: ['bytes32 folderId', 'address newOwner'],
  grant: [
    'bytes32 folderId', 'bytes32 scope', 'address holder', 'uint8 permissions', 'uint64 notBefore', 'uint64 notAfter',
    'uint32 expectedGeneration',
  ],
  revoke: ['bytes32 folderId', 'bytes32 scope', 'address holder'],
  addRecord: ['bytes32 folderId', 'bytes32 recordId', 'uint32 epoch', 'bytes32 inner'],
  amendRecord: ['bytes32 folderId', 'bytes32 recordId', 'uint32 expectedVersion', 'uint32 epoch', 'bytes32 inner'],
  resealRecord: ['bytes32 folderId', 'bytes32 recordId', 'uint32 expectedVersion', 'uint32 epoch', 'bytes32 inner'],
  setRecordStatus: ['bytes32 folderId', 'bytes32 recordId', 'uint32 expectedVersion', 'uint8 status'],
  multicall: ['bytes[] data'],
} as const;
export type CallName = keyof typeof CALLS;
const VIEWS = {
  recordOf: ['bytes32', 'bytes32'],
  version: [],
  hasRole: ['bytes32', 'address'],
  nonces: ['address'], // of the forwarder
  owner: [], // of the ProxyAdmin
  isTrustedForwarder: ['address'],
} as const;
export type ViewName = keyof typeof VIEWS;

export const REGISTRAR_ROLE = toHex(keccak(utf8('REGISTRAR_ROLE')));
export const DEFAULT_ADMIN_ROLE: Hash = `0x${'00'.repeat(32)}`;
export const WHOLE_FOLDER: Hash = DEFAULT_ADMIN_ROLE;

function types(name: CallName): string[] {
  return CALLS[name].map((f) => f.split(' ')[0]!);
}
export function call(name: CallName, values: AbiValue[]): Bytes {
  return abiCall(name, types(name), values);
}
export function view(name: ViewName, values: AbiValue[] = []): Bytes {
  return abiCall(name, [...VIEWS[name]], values);
}
/** One call as it is; several as one multicall: all or nothing. */
export function together(calls: Bytes[]): Bytes {
  return calls.length === 1 ? calls[0]! : call('multicall', [calls]);
}

/** What calldata of the registry says; null for what it does not know. Parts of a multicall come one by one. */
export function decodeCall(data: Uint8Array, contract: Address): DecodedCall[] | null {
  const name = (Object.keys(CALLS) as CallName[]).find((n) =>
    bytesEqual(keccak(utf8(`${n}(${types(n).join(',')})`)).subarray(0, 4), data.subarray(0, 4)),
  );
  if (name === undefined) return null;
  const r = new AbiReader(data.subarray(4), name);
  if (name === 'multicall') return decodeParts(r, contract);
  const args = CALLS[name].map((f, i) => {
    const [type, arg] = f.split(' ') as [string, string];
    const value = type === 'address' ? r.address(i) : type.startsWith('bytes') ? r.hash(i) : String(r.big(i));
    return { name: arg, type, value };
  });
  return [{ function: name, contract, args, calldata: toHex(data) }];
}
function decodeParts(r: AbiReader, contract: Address): DecodedCall[] | null {
  const base = r.num(0) + 32;
  const n = new AbiReader(r.b.subarray(base - 32), 'multicall').num(0);
  const list = new AbiReader(r.b.subarray(base), 'multicall');
  const out: DecodedCall[] = [];
  for (let i = 0; i < n; i++) {
    const part = decodeCall(list.dynamic(i), contract);
    if (part === null) return null;
    out.push(...part);
  }
  return out;
}

// ---- answers -------------------------------------------------------------------------------------

export const ROLES: (Role | null)[] = [null, 'patient', 'practitioner', 'organisation'];
export interface AccountRow {
  role: Role | null;
  status: 'none' | 'active' | 'suspended';
  validUntil: number;
}
export interface FolderRow {
  owner: Address;
  epoch: number;
  status: number;
  keyHash: Hash;
}
export interface GrantRow {
  permissions: number;
  notBefore: number;
  notAfter: number;
  status: number; // 0 none, 1 active, 2 revoked
  generation: number;
}

// ---- storage -------------------------------------------------------------------------------------

const STORAGE = fromHex('0x9b3d8516c7112f1a6730f30ce52cb25a8f406540a26e5b440a63a9ee95e51c00');
const MAPPING_ACCOUNTS = 0;
const MAPPING_KEY_CARDS = 1;
const MAPPING_FOLDERS = 2;
const MAPPING_GRANTS = 3;
const MAPPING_RECORDS = 4;
/** EIP-1967 slots of the proxy. */
export const SLOT_IMPLEMENTATION: Hash = '0x360894a13ba1a3210667c828492db98dca3e2076cc3735a920a3ca505d382bbc';
export const SLOT_ADMIN: Hash = '0xb53127684a568b3173ae13b9f8a6016e243e63b6e8ee1178d6a717850b5d6103';

/** Where a mapping's entry lies, key after key. */
function entryOf(mapping: number, ...keys: Uint8Array[]): Hash {
  const base = Uint8Array.from(STORAGE);
  base[31] = mapping;
  return toHex(keys.reduce((slot, key) => keccak(key, slot), base));
}
function ofAddress(mapping: number, a: Address): Hash {
  return entryOf(mapping, concat(new Uint8Array(12), fromHex(a, 20)));
}
export function accountSlot(account: Address): Hash {
  return ofAddress(MAPPING_ACCOUNTS, account);
}
/** null: no word of this contract. From the right: role 1 byte, status 1, validUntil 8. */
export function readAccountWord(w: Uint8Array): AccountRow | null {
  const role = ROLES[w[31]!];
  const status = (['none', 'active', 'suspended'] as const)[w[30]!];
  if (w.length !== 32 || w.subarray(0, 22).some((b) => b !== 0) || role === undefined || status === undefined) return null;
  return { role, status, validUntil: Number(bigOf(w.subarray(22, 30))) };
}
/** Of the key card's hash. */
export function cardSlot(account: Address): Hash {
  return ofAddress(MAPPING_KEY_CARDS, account);
}
/** null: proved that there is no card. */
export function readCardWord(w: Uint8Array): Hash | null {
  return w.some((b) => b !== 0) ? toHex(w) : null;
}
export function recordSlot(folderId: Hash, recordId: Hash): Hash {
  return entryOf(MAPPING_RECORDS, fromHex(folderId, 32), fromHex(recordId, 32));
}
/** The folder's two words. */
export function folderSlots(folderId: Hash): [Hash, Hash] {
  const first = entryOf(MAPPING_FOLDERS, fromHex(folderId, 32));
  return [first, `0x${((BigInt(first) + 1n) & (2n ** 256n - 1n)).toString(16).padStart(64, '0')}`];
}
/** null: no words of this contract. The first from the right: owner 20 bytes, epoch 4, status 1; the second is keyHash. */
export function readFolderWords(w: Uint8Array, keyHash: Uint8Array): FolderRow | null {
  if (w.length !== 32 || w.subarray(0, 7).some((b) => b !== 0)) return null;
  return { owner: toHex(w.subarray(12)), epoch: Number(bigOf(w.subarray(8, 12))), status: w[7]!, keyHash: toHex(keyHash) };
}
/** Of a grant of the whole folder. */
export function grantSlot(folderId: Hash, holder: Address): Hash {
  return entryOf(MAPPING_GRANTS, fromHex(folderId, 32), fromHex(WHOLE_FOLDER, 32), concat(new Uint8Array(12), fromHex(holder, 20)));
}
/** null: no word of this contract. From the right: permissions 1 byte, notBefore 8, notAfter 8, status 1, generation 4. */
export function readGrantWord(w: Uint8Array): GrantRow | null {
  if (w.length !== 32 || w.subarray(0, 10).some((b) => b !== 0) || w[14]! > 2) return null;
  const num = (from: number, to: number): number => Number(bigOf(w.subarray(from, to)));
  return { permissions: w[31]!, notBefore: num(23, 31), notAfter: num(15, 23), status: w[14]!, generation: num(10, 14) };
}
export const RECORD_STATUS = ['none', 'active', 'entered-in-error', 'removed'] as const;
export interface RecordWord {
  status: (typeof RECORD_STATUS)[number];
  version: number;
  commitment: Hex;
}
/** null: no word of this contract. */
export function readRecordWord(w: Uint8Array): RecordWord | null {
  if (w.length !== 32 || w[1]! > 3 || w[0]! > (w[1] === 3 ? 1 : 0)) return null;
  return { status: RECORD_STATUS[w[1]!]!, version: Number(bigOf(w.subarray(2, 6))), commitment: toHex(w.subarray(6)) };
}

// ---- events --------------------------------------------------------------------------------------

export interface Log {
  address: Address;
  topics: Hash[];
  data: Hex;
  blockNumber: Hex;
  transactionHash: Hash;
}
export function topic(signature: string): Hash {
  return toHex(keccak(utf8(signature)));
}
const RECORD_EVENT = '(bytes32,bytes32,uint32,uint32,address,bytes26)';
export const RECORD_TOPICS = ['RecordAdded', 'RecordAmended', 'RecordResealed'].map((n) => topic(n + RECORD_EVENT));
export const ACCOUNT_TOPIC = topic('AccountSet(address,uint8,uint8,uint64)');
export interface RecordEvent {
  version: number;
  epoch: number;
  author: Address;
  commitment: Hex;
}
export function readRecordEvent(data: Uint8Array): RecordEvent {
  const r = new AbiReader(data, 'record event');
  return { version: r.num(0), epoch: r.num(1), author: r.address(2), commitment: r.fixed(3, 26) };
}

/** OpenZeppelin's ForwardRequest, in the forwarder's domain. */
export const FORWARD_FIELDS = [
  { name: 'from', type: 'address' }, { name: 'to', type: 'address' }, { name: 'value', type: 'uint256' }, { name: 'gas', type: 'uint256' },
  { name: 'nonce', type: 'uint256' }, { name: 'deadline', type: 'uint48' }, { name: 'data', type: 'bytes' },
];
/** Records of the proxy's data that are no call of the registry: for the administrator. */
export function upgradeAndCall(proxy: Address, implementation: Address, data: Uint8Array): Bytes {
  return concat(abiCall('upgradeAndCall', ['address', 'address', 'bytes'], [proxy, implementation, data]));
}
