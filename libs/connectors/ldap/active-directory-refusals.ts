import * as refused from './active-directory-errors.js';
import type { RefusalClass } from './active-directory-errors.js';
import { SystemUnreachable } from '../errors.js';
import { DirectoryAccessDenied, NameTaken, PasswordRefused, UnitNotFound } from './ldap-errors.js';

/** A kind of refusal with what to do about it. */
export interface Refusal {
  readonly kind: RefusalClass;
  readonly advice: string;
}

type Row = readonly [codes: readonly number[], kind: RefusalClass, advice: string];

/**
 * Windows’ error numbers (MS-ERREF 2.2) as a domain controller puts them before its text, in hex, with what they mean for
 * us. Numbers that mean "not in the state you named" are not among them: the LDAP code says that.
 */
const WRITES: readonly Row[] = [
  [[0x5, 0x2098], DirectoryAccessDenied, 'Give our account the right for this in the directory'],
  [[0x52d, 0x56, 0x52b, 0x52c, 0x216c], PasswordRefused, 'Check the password policy of the domain'],
  [[0x524, 0x526, 0x563], refused.LoginTaken, 'Choose another login name'],
  [[0x2071, 0x20ba], NameTaken, 'Rename one of the two entries'],
  [[0x21c7, 0x21c8], refused.PrincipalNameTaken, 'Choose another principal name'],
  [[0x52a], refused.LastAdministrator, 'Make somebody else an administrator first'],
  [[0x55b, 0x55c, 0x55d, 0x2139, 0x20ce, 0x2170], refused.BuiltInAccount, 'Leave built-in accounts and groups alone'],
  [[0x55e, 0x213a, 0x2149], refused.PrimaryGroupNeeded, 'Give the user another primary group first'],
  [
    [0x2141, 0x2142, 0x2143, 0x2144, 0x2145, 0x2146, 0x2147, 0x2148, 0x2164, 0x2165, 0x2182],
    refused.GroupNestingRefused,
    'Use a group of another scope',
  ],
  [[0x525, 0x527, 0x560, 0x56b, 0x56c], refused.MemberUnknown, 'Check the name of the member'],
  [[0x20b5], refused.ReferenceMissing, 'Check the name that the value gives'],
  [[0x57, 0x200b, 0x202f, 0x2082, 0x209c, 0x209d, 0x20c0], refused.ValueRefused, 'Check the value'],
  [[0x200d, 0x2081], refused.ValuesRefused, 'Give one value, or leave out what is there twice'],
  [[0x200c, 0x2014, 0x206f, 0x207d], refused.AttributeUnknown, 'Check the attribute’s name'],
  [[0x2016, 0x2077, 0x209a, 0x20aa, 0x20b1, 0x211b], refused.AttributeKeptByServer, 'Leave the attribute out'],
  [[0x2015, 0x208c], refused.EntryHasChildren, 'Move or delete what lies below it first'],
  [[0x2023, 0x2024, 0x2070, 0x2078, 0x216d, 0x218b], refused.LimitExceeded, 'Ask for less at once or raise the limit'],
  [[0x2010, 0x2011], refused.NoIdentifiersLeft, 'It is tried again'],
  [[0x202b, 0x2018, 0x20b0, 0x212c], refused.OtherDomain, 'Name a controller of that domain in the system’s url'],
  [[0x1f, 0x2028, 0x202d], refused.EncryptionRequired, 'Use ldaps:// with a certificate of the controller'],
  [[0x2089], UnitNotFound, 'Create the unit or name another one'],
  [[0x200e, 0x200f, 0x20ac, 0x2022], SystemUnreachable, 'The controller is busy. It is tried again'],
  [[0x2035], refused.Unwilling, 'Look up what the controller’s own log says'],
];

/** The `data` of a refused bind (MS-ADTS 5.1.1.1; the numbers are those of MS-ERREF). 52e is the plain wrong password. */
const BINDS: readonly Row[] = [
  [[0x525], refused.BindAccountUnknown, 'Check the account’s name'],
  [[0x52f], refused.BindAccountRestricted, 'Take the account out of Protected Users, or lift what else restricts it'],
  [[0x530], refused.BindOutsideHours, 'Allow our account every hour'],
  [[0x531], refused.BindWorkstationRefused, 'Allow our account every machine'],
  [[0x532], refused.BindPasswordExpired, 'Give our account a new password that does not expire'],
  [[0x533], refused.BindAccountDisabled, 'Enable our account'],
  [[0x569], refused.BindKindNotGranted, 'Let our account sign in over the network'],
  [[0x701], refused.BindAccountExpired, 'Extend our account'],
  [[0x773], refused.BindPasswordMustChange, 'Give our account a password that need not be changed'],
  [[0x775], refused.BindAccountLocked, 'Unlock our account and look for whoever uses an old password'],
];

const byCode = (rows: readonly Row[]): ReadonlyMap<number, Refusal> =>
  new Map(rows.flatMap(([codes, kind, advice]) => codes.map((code) => [code, { kind, advice }] as const)));
const writes = byCode(WRITES);
const binds = byCode(BINDS);

/** What a domain controller's text says beyond the LDAP code, or null when it names nothing that is known here. */
export function refusalOf(said: string, operation: string): Refusal | null {
  if (operation === 'bind') return binds.get(bindData(said) ?? -1) ?? null;
  const refusal = writes.get(windowsCode(said) ?? -1) ?? null;
  // Without encryption a controller answers a password with this number; elsewhere it says nothing.
  if (refusal?.kind === refused.EncryptionRequired && said.startsWith('0000001F') && operation !== 'password')
    return null;
  return refusal;
}

/** Windows' error number at the start of a controller's text. */
export function windowsCode(said: string): number | null {
  const hex = /^([0-9A-F]{8}): /i.exec(said)?.[1];
  return hex === undefined ? null : Number.parseInt(hex, 16);
}

/** The number behind `data` in the answer to a refused bind. */
export function bindData(said: string): number | null {
  const hex = /AcceptSecurityContext error, data ([0-9a-f]+)/i.exec(said)?.[1];
  return hex === undefined ? null : Number.parseInt(hex, 16);
}

/**
 * What a refused bind says about the password itself: these are answered only to the right one (Microsoft, "Common Active
 * Directory LDAP bind errors"; so does Samba), so that `right` proves it. A locked or restricted account tells nothing.
 */
export function passwordVerdict(said: string): 'right' | 'wrong' | 'unknown' {
  switch (bindData(said) ?? 0) {
    case 0x530:
    case 0x531:
    case 0x532:
    case 0x533:
    case 0x701:
    case 0x773:
      return 'right';
    case 0x52f:
    case 0x775:
      return 'unknown';
    default:
      return 'wrong';
  }
}
