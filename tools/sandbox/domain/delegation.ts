import { Attribute, Change, Client, Control, type BerWriter } from 'ldapts';
import { integer, sequence } from '../directory/der.js';

const OCTET_STRING = 0x04;
const DACL_ONLY = 0x04;
/** Everything that may be done to an entry (ADS_RIGHT_…, MS-ADTS 5.1.3.2). */
const FULL_CONTROL = 0x000f01ff;
const WRITE_PROPERTY = 0x00000020;
const ALLOWED = 0x00;
const ALLOWED_FOR_PROPERTY = 0x05;
const FOR_ALL_BELOW = 0x02;
const PROPERTY_IS_NAMED = 0x01;
/** `schemaIDGUID` of `member`: bf9679c0-0de6-11d0-a285-00aa003049e2, as it is stored. */
const MEMBER = Buffer.from('c07996bfe60dd011a28500aa003049e2', 'hex');

/** Lets an account do everything to what lies below a unit, as the delegation of a unit does. */
export function grantFullControl(client: Client, unitDn: string, sid: Buffer): Promise<void> {
  return grant(client, unitDn, entry(ALLOWED, FOR_ALL_BELOW, FULL_CONTROL, sid));
}

/** Lets an account write the members of a group. */
export function grantMembers(client: Client, groupDn: string, sid: Buffer): Promise<void> {
  const named = Buffer.alloc(4);
  named.writeUInt32LE(PROPERTY_IS_NAMED);
  return grant(client, groupDn, entry(ALLOWED_FOR_PROPERTY, 0, WRITE_PROPERTY, Buffer.concat([named, MEMBER, sid])));
}

/** The control LDAP_SERVER_SD_FLAGS: only the access rules are read and written, not the owner. */
class AccessRulesOnly extends Control {
  constructor() {
    super('1.2.840.113556.1.4.801', { critical: true });
  }

  protected override writeControl(writer: BerWriter): void {
    writer.writeBuffer(sequence(integer(DACL_ONLY)), OCTET_STRING);
  }
}

async function grant(client: Client, dn: string, rule: Buffer): Promise<void> {
  const type = 'nTSecurityDescriptor';
  const options = { scope: 'base' as const, attributes: [type], explicitBufferAttributes: [type] };
  const { searchEntries } = await client.search(dn, options, [new AccessRulesOnly()]);
  const descriptor = searchEntries[0]?.[type];
  if (!Buffer.isBuffer(descriptor)) throw new Error(`the access rules of ${dn} cannot be read`);
  const values = [withRule(descriptor, rule)];
  const modification = new Attribute({ type, values });
  await client.modify(dn, new Change({ operation: 'replace', modification }), [new AccessRulesOnly()]);
}

/** One access rule (ACE, MS-DTYP 2.4.4): kind, flags, size, rights, and for whom. */
function entry(kind: number, flags: number, rights: number, forWhom: Buffer): Buffer {
  const head = Buffer.alloc(8);
  head.writeUInt8(kind, 0);
  head.writeUInt8(flags, 1);
  head.writeUInt16LE(8 + forWhom.length, 2);
  head.writeUInt32LE(rights, 4);
  return Buffer.concat([head, forWhom]);
}

/**
 * A self-relative security descriptor (MS-DTYP 2.4.6) that holds nothing but its access rules, with one more in front:
 * rules of one's own come before those that were inherited.
 */
function withRule(descriptor: Buffer, rule: Buffer): Buffer {
  const HEADER = 20;
  const rulesAt = descriptor.readUInt32LE(16);
  const size = descriptor.readUInt16LE(rulesAt + 2);
  const rules = Buffer.from(descriptor.subarray(rulesAt, rulesAt + size));
  rules.writeUInt16LE(size + rule.length, 2);
  rules.writeUInt16LE(rules.readUInt16LE(4) + 1, 4);
  // a list with rules for single properties has another revision (ACL_REVISION_DS)
  rules.writeUInt8(4, 0);
  const header = Buffer.from(descriptor.subarray(0, HEADER));
  header.fill(0, 4, HEADER);
  header.writeUInt32LE(HEADER, 16);
  return Buffer.concat([header, rules.subarray(0, 8), rule, rules.subarray(8)]);
}
