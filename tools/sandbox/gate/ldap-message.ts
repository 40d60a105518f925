/** Reads just enough of LDAP's BER (RFC 4511) to know what a message is about. */

/** A write as a client asks for it. */
export interface WriteRequest {
  operation: WriteOperation;
  dn: string;
  /** The attributes that a modify changes or an add brings, in lower case. */
  attributes: readonly string[];
  /** Where a move goes. */
  newDn?: string;
}

export type WriteOperation = 'modify' | 'add' | 'delete' | 'modifyDN' | 'passwordModify';

/** What the gate knows of one message; `write` for write requests, `resultCode` for answers that carry one. */
export interface LdapMessage {
  id: number;
  write?: WriteRequest;
  /** Whom a simple bind is for. */
  bindDn?: string;
  resultCode?: number;
}

interface Element {
  tag: number;
  content: Buffer;
}

const requestTags = { modify: 0x66, add: 0x68, delete: 0x4a, modifyDN: 0x6c, extended: 0x77 } as const;
const writeResponseTags: ReadonlySet<number> = new Set([0x67, 0x69, 0x6b, 0x6d, 0x78]);
const bindRequestTag = 0x60;
const passwordModifyOid = '1.3.6.1.4.1.4203.1.11.1';
const maxMessageOctets = 16 * 1024 * 1024;

/** Cuts a byte stream into LDAP messages, however the segments were split or joined on their way. */
export class LdapMessageSplitter {
  private rest: Buffer = Buffer.alloc(0);

  /**
   * The messages that are complete with this chunk.
   * @throws Error when the stream is no LDAP or a message is larger than 16 MiB.
   */
  push(chunk: Buffer): Buffer[] {
    this.rest = this.rest.length === 0 ? chunk : Buffer.concat([this.rest, chunk]);
    const messages: Buffer[] = [];
    for (let size = messageSize(this.rest); size !== undefined; size = messageSize(this.rest)) {
      if (this.rest.length < size) break;
      messages.push(this.rest.subarray(0, size));
      this.rest = this.rest.subarray(size);
    }
    return messages;
  }
}

/** Reads one complete message. @throws Error when it is not well formed. */
export function readLdapMessage(message: Buffer): LdapMessage {
  const [envelope] = elements(message);
  const [id, operation] = elements(envelope?.content ?? Buffer.alloc(0));
  if (id?.tag !== 0x02 || operation === undefined) throw new Error('not an LDAP message');
  const write = readWrite(operation);
  return {
    id: id.content.readUIntBE(0, Math.min(id.content.length, 6)),
    ...(write === undefined ? {} : { write }),
    ...(operation.tag === bindRequestTag ? { bindDn: text(elements(operation.content)[1]) } : {}),
    ...(writeResponseTags.has(operation.tag) ? { resultCode: elements(operation.content)[0]?.content[0] ?? -1 } : {}),
  };
}

function readWrite({ tag, content }: Element): WriteRequest | undefined {
  switch (tag) {
    case requestTags.delete:
      return { operation: 'delete', dn: content.toString(), attributes: [] };
    case requestTags.modifyDN:
      return { operation: 'modifyDN', dn: text(elements(content)[0]), attributes: [], newDn: newDn(content) };
    case requestTags.add:
      return { operation: 'add', dn: text(elements(content)[0]), attributes: addedAttributes(content) };
    case requestTags.modify:
      return { operation: 'modify', dn: text(elements(content)[0]), attributes: modifiedAttributes(content) };
    case requestTags.extended:
      return readPasswordModify(content);
    default:
      return undefined;
  }
}

// AddRequest ::= { entry, { { type, vals } … } }
function addedAttributes(content: Buffer): string[] {
  return inner(elements(content)[1]).map((attribute) => text(inner(attribute)[0]).toLowerCase());
}

// ModifyRequest ::= { object, { { operation, { type, vals } } … } }
function modifiedAttributes(content: Buffer): string[] {
  return inner(elements(content)[1]).map((change) => text(inner(inner(change)[1])[0]).toLowerCase());
}

// ModifyDNRequest ::= { entry, newrdn, deleteoldrdn, newSuperior [0] OPTIONAL }
function newDn(content: Buffer): string {
  const parts = elements(content);
  return [text(parts[1]), text(parts.find((part) => part.tag === 0x80))].filter((part) => part !== '').join(',');
}

// RFC 3062: a password may also be set by an extended operation; the DN is optional there.
function readPasswordModify(content: Buffer): WriteRequest | undefined {
  const [name, value] = elements(content);
  if (text(name) !== passwordModifyOid) return undefined;
  const user = inner(elements(value?.content ?? Buffer.alloc(0))[0]).find((part) => part.tag === 0x80);
  return { operation: 'passwordModify', dn: text(user), attributes: ['userpassword'] };
}

const text = (element: Element | undefined): string => element?.content.toString() ?? '';
const inner = (element: Element | undefined): Element[] => (element ? elements(element.content) : []);

function elements(buffer: Buffer): Element[] {
  const found: Element[] = [];
  for (let at = 0; at < buffer.length;) {
    const header = readHeader(buffer, at);
    if (header === undefined || header.end > buffer.length) throw new Error('a BER element is cut off');
    found.push({ tag: buffer[at] ?? 0, content: buffer.subarray(header.start, header.end) });
    at = header.end;
  }
  return found;
}

function messageSize(buffer: Buffer): number | undefined {
  if (buffer.length > 0 && buffer[0] !== 0x30) throw new Error('the stream is not LDAP');
  const end = readHeader(buffer, 0)?.end;
  if (end !== undefined && end > maxMessageOctets) throw new Error('an LDAP message is too large');
  return end;
}

/** Where the content of the element at `at` starts and ends; undefined while its length is not all there. */
function readHeader(buffer: Buffer, at: number): { start: number; end: number } | undefined {
  const first = buffer[at + 1];
  if (first === undefined) return undefined;
  if (first < 0x80) return { start: at + 2, end: at + 2 + first };
  const count = first & 0x7f;
  // LDAP allows the definite form only (RFC 4511, 5.1); four octets are more than any message may have.
  if (count === 0 || count > 4) throw new Error('a BER length is not supported');
  const start = at + 2 + count;
  if (buffer.length < start) return undefined;
  return { start, end: start + buffer.readUIntBE(at + 2, count) };
}
