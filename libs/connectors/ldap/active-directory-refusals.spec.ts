import { describe, expect, it } from '@jest/globals';
import { StatusCodeParser } from 'ldapts';
import { passwordVerdict } from './active-directory-refusals.js';
import { toAppError, type LdapOperation } from './ldap-error-mapping.js';

const URL = 'ldaps://dc.example';
const answer = (status: number, errorMessage: string) =>
  StatusCodeParser.parse({ status, errorMessage } as Parameters<typeof StatusCodeParser.parse>[0]);
const bindAnswer = (data: string) =>
  answer(49, `80090308: LdapErr: DSID-0C090447, comment: AcceptSecurityContext error, data ${data}, v4563`);

/** Answers in Windows' own words, most of which Samba does not give: a table instead of a domain controller. */
describe('a refusal in Windows’ words', () => {
  it.each([
    ['525', 'directory.bind_account_unknown'],
    ['52e', 'connector.credential_refused'],
    ['52f', 'directory.bind_account_restricted'],
    ['530', 'directory.bind_outside_hours'],
    ['531', 'directory.bind_workstation_refused'],
    ['532', 'directory.bind_password_expired'],
    ['533', 'directory.bind_account_disabled'],
    ['569', 'directory.bind_kind_not_granted'],
    ['701', 'directory.bind_account_expired'],
    ['773', 'directory.bind_password_must_change'],
    ['775', 'directory.bind_account_locked'],
  ])('to a bind, data %s, is %s and waits for a person', (data, code) => {
    expect(toAppError(bindAnswer(data), 'bind', URL)).toMatchObject({ code, retryable: true });
  });

  it.each<[number, string, LdapOperation, string]>([
    [
      50,
      '00000005: SecErr: DSID-03152501, problem 4003 (INSUFF_ACCESS_RIGHTS), data 0',
      'password',
      'directory.access_denied',
    ],
    [
      50,
      '00002098: SecErr: DSID-03150BC1, problem 4003 (INSUFF_ACCESS_RIGHTS), data 0',
      'modify',
      'directory.access_denied',
    ],
    [
      53,
      '0000052D: SvcErr: DSID-031A120C, problem 5003 (WILL_NOT_PERFORM), data 0',
      'password',
      'directory.password_refused',
    ],
    [19, '0000052D: Constraint violation - check_password_restrictions', 'add', 'directory.password_refused'],
    [
      53,
      '0000001F: SvcErr: DSID-031A12D2, problem 5003 (WILL_NOT_PERFORM), data 0',
      'password',
      'directory.encryption_required',
    ],
    [
      53,
      '0000001F: SvcErr: DSID-031A12D2, problem 5003 (WILL_NOT_PERFORM), data 0',
      'modify',
      'directory.operation_refused',
    ],
    [68, '00000524: UpdErr: DSID-031A11F4, problem 6005 (ENTRY_EXISTS), data 0', 'add', 'directory.login_taken'],
    [68, '00002071: UpdErr: DSID-0305038D, problem 6005 (ENTRY_EXISTS), data 0', 'move', 'directory.name_taken'],
    [
      19,
      '000021C8: AtrErr: DSID-03200E96, #1: 0: 000021C8: problem 1005 (CONSTRAINT_ATT_TYPE)',
      'modify',
      'directory.principal_name_taken',
    ],
    [
      53,
      '0000052A: SvcErr: DSID-031A0FC0, problem 5003 (WILL_NOT_PERFORM), data 0',
      'delete',
      'directory.last_administrator',
    ],
    [
      53,
      '0000055B: SvcErr: DSID-031A0FC0, problem 5003 (WILL_NOT_PERFORM), data 0',
      'delete',
      'directory.built_in_account',
    ],
    [
      53,
      '0000055E: SvcErr: DSID-031A1254, problem 5003 (WILL_NOT_PERFORM), data 0',
      'membership',
      'directory.primary_group_needed',
    ],
    [
      53,
      '00002144: SvcErr: DSID-031A1254, problem 5003 (WILL_NOT_PERFORM), data 0',
      'membership',
      'directory.group_nesting_refused',
    ],
    [
      19,
      '000020B5: AtrErr: DSID-03152F60, #1: 0: 000020B5: problem 1005 (CONSTRAINT_ATT_TYPE)',
      'modify',
      'directory.reference_missing',
    ],
    [
      19,
      '00002082: AtrErr: DSID-03151785, #1: 0: 00002082: problem 1005 (CONSTRAINT_ATT_TYPE)',
      'modify',
      'directory.value_refused',
    ],
    [
      19,
      '00002081: AtrErr: DSID-031519E4, #1: 0: 00002081: problem 1005 (CONSTRAINT_ATT_TYPE)',
      'modify',
      'directory.values_refused',
    ],
    [
      16,
      '00000057: LdapErr: DSID-0C090D8A, comment: Error in attribute conversion operation',
      'modify',
      'directory.value_refused',
    ],
    [
      65,
      '0000207D: UpdErr: DSID-0315166D, problem 6002 (OBJ_CLASS_VIOLATION), data 0',
      'modify',
      'directory.attribute_unknown',
    ],
    [
      19,
      '000020B1: AtrErr: DSID-030F112A, #1: 0: 000020B1: problem 1005 (CONSTRAINT_ATT_TYPE)',
      'modify',
      'directory.attribute_kept_by_server',
    ],
    [
      66,
      '00002015: UpdErr: DSID-031A1254, problem 6003 (CANT_ON_NON_LEAF), data 0',
      'delete',
      'directory.entry_has_children',
    ],
    [
      11,
      '00002024: SvcErr: DSID-02050C3B, problem 5008 (ADMIN_LIMIT_EXCEEDED), data -1026',
      'modify',
      'directory.limit_exceeded',
    ],
    [4, '', 'search', 'directory.limit_exceeded'],
    [
      53,
      '00002010: SvcErr: DSID-031A1254, problem 5003 (WILL_NOT_PERFORM), data 0',
      'add',
      'directory.no_identifiers_left',
    ],
    [10, '0000202B: RefErr: DSID-03100835, data 0, 1 access points', 'modify', 'directory.other_domain'],
    [
      8,
      '00002028: LdapErr: DSID-0C090202, comment: The server requires binds to turn on integrity checking',
      'bind',
      'directory.encryption_required',
    ],
    [53, '00002035: LdapErr: DSID-0C090AE7, comment: Operation not allowed', 'modify', 'directory.unwilling'],
    [51, '0000200E: SvcErr: DSID-03152D2C, problem 5001 (BUSY), data 0', 'modify', 'connector.system_unreachable'],
  ])('%i %s at %s', (status, said, operation, code) => {
    expect(toAppError(answer(status, said), operation, URL)).toMatchObject({ code, context: { ldapCode: status } });
  });

  it('tells the right password of an account that may not sign in from a wrong one', () => {
    const said = (data: string) =>
      `80090308: LdapErr: DSID-0C090447, comment: AcceptSecurityContext error, data ${data}, v4563`;
    expect(['530', '531', '532', '533', '701', '773'].map((data) => passwordVerdict(said(data)))).toEqual(
      Array(6).fill('right'),
    );
    expect(['52e', '525'].map((data) => passwordVerdict(said(data)))).toEqual(['wrong', 'wrong']);
    expect(['52f', '775'].map((data) => passwordVerdict(said(data)))).toEqual(['unknown', 'unknown']);
  });
});
