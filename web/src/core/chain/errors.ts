// SPDX-License-Identifier: Apache-2.0
// Revert data of the contracts as text: "StaleEpoch(current=3)".
import { AbiReader, keccak } from '../codec/abi.js';
import { bytesEqual, utf8 } from '../codec/bytes.js';

const ERRORS = [
  'AccountSuspended(address account)', 'AccountExpired(address account,uint64 validUntil)', 'AccountUnknown(address account)',
  'AccountStatusUnchanged(address account,uint8 status)', 'AccountInvalid(address account,uint8 role,uint64 validUntil)',
  'RegistryInvalidRoleHolder(address account)', 'FolderExists(bytes32 folderId)', 'FolderUnknown(bytes32 folderId)',
  'FolderNotOwned(bytes32 folderId,address account,address owner)', 'FolderInvalidOwner(bytes32 folderId,address newOwner)',
  'FolderInvalidKeyHash(bytes32 folderId)', 'StaleEpoch(uint32 current)', 'GrantInvalidHolder(address holder)',
  'GrantInvalidPermissions(uint8 permissions)', 'GrantInvalidPeriod(uint64 notBefore,uint64 notAfter)',
  'GenerationMismatch(uint32 current)', 'RecordInvalidId(bytes32 folderId)', 'RecordExists(bytes32 folderId,bytes32 recordId)',
  'RecordUnknown(bytes32 folderId,bytes32 recordId)', 'RecordInvalidStatus(bytes32 folderId,bytes32 recordId,uint8 status)',
  'RecordNotPermitted(bytes32 folderId,bytes32 recordId,address account,uint8 permission)', 'VersionMismatch(uint32 current)',
  'AccessControlUnauthorizedAccount(address account,bytes32 neededRole)', 'ERC2771ForwarderExpiredRequest(uint48 deadline)',
  'ERC2771ForwarderInvalidSigner(address signer,address from)', 'ERC2771UntrustfulTarget(address target,address forwarder)',
  'InvalidAccountNonce(address account,uint256 currentNonce)', 'OwnableUnauthorizedAccount(address account)', 'Error(string reason)',
  'Panic(uint256 code)',
];

function selector(e: string): Uint8Array {
  const [name, args] = e.slice(0, -1).split('(') as [string, string];
  const types = args.split(',').map((a) => a.split(' ')[0]);
  return keccak(utf8(`${name}(${types.join(',')})`)).subarray(0, 4);
}
/** "" for data that no contract of ours reverts with. */
export function contractErrorText(data: Uint8Array): string {
  const e = ERRORS.find((x) => data.length >= 4 && bytesEqual(selector(x), data.subarray(0, 4)));
  if (e === undefined) return '';
  const [name, args] = e.slice(0, -1).split('(') as [string, string];
  const r = new AbiReader(data.subarray(4), name);
  try {
    const shown = args.split(',').map((a, i) => {
      const [type, arg] = a.split(' ') as [string, string];
      if (type === 'string') return `${arg}=${new TextDecoder().decode(r.dynamic(i).subarray(0, 120))}`;
      return `${arg}=${type === 'address' ? r.address(i) : type.startsWith('bytes') ? r.hash(i) : r.big(i)}`;
    });
    return `${name}(${shown.join(',')})`;
  } catch {
    return name;
  }
}
