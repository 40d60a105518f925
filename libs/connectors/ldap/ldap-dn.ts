/**
 * Distinguished names as RFC 4514 writes them. ldapts splits a new DN at the first comma that has no backslash before it,
 * so names are always written with hex escapes, which that search cannot misread.
 */

/** A DN cut in two: its first RDN and the rest, as written. Throws on a DN of one RDN only when `parent` is asked for. */
export interface SplitDn {
  readonly rdn: string;
  readonly parent: string;
}

/** Cuts a DN after its first RDN; escaped and quoted commas do not count. */
export function splitDn(dn: string): SplitDn {
  const end = separators(dn, ',')[0];
  return end === undefined
    ? { rdn: dn, parent: '' }
    : { rdn: dn.slice(0, end), parent: withoutPadding(dn.slice(end + 1)) };
}

/** The attribute types of the first RDN, in lower case: those that name the entry. */
export function namingAttributes(dn: string): readonly string[] {
  return cut(splitDn(dn).rdn, '+').map((part) => part.slice(0, part.indexOf('=')).trim().toLowerCase());
}

/** Escapes a value for use in a DN (RFC 4514, 2.4), in hex throughout. */
export function escapeDnValue(value: string): string {
  const special = /[\\,+"<>;=#\u0000]/g;
  const escaped = value.replace(special, hex);
  return escaped.replace(/^ | $/g, hex);
}

/** The DN of an entry below another parent: the same RDN, with its escapes in hex. */
export function dnBelow(dn: string, parent: string): string {
  const rdn = cut(splitDn(dn).rdn, '+').map((part) => {
    const equals = part.indexOf('=');
    return `${part.slice(0, equals).trim()}=${escapeDnValue(unescapeValue(part.slice(equals + 1)))}`;
  });
  return `${rdn.join('+')},${parent}`;
}

/** Whether two texts name the same entry: case, spaces and the kind of escape do not count. */
export function sameDn(a: string, b: string): boolean {
  return a === b || normalDn(a) === normalDn(b);
}

/** Whether an entry lies somewhere below another. */
export function isBelow(dn: string, ancestor: string): boolean {
  return normalDn(dn).endsWith(`,${normalDn(ancestor)}`);
}

function normalDn(dn: string): string {
  return cut(dn, ',')
    .map((rdn) => cut(rdn, '+').map(normalPair).sort().join('+'))
    .join(',');
}

function normalPair(pair: string): string {
  const equals = pair.indexOf('=');
  const value = unescapeValue(pair.slice(equals + 1)).trim();
  // caseIgnoreMatch: the rule of nearly every attribute that names entries
  const folded = value.normalize('NFKC').toLowerCase().replace(/ +/g, ' ');
  return `${pair.slice(0, equals).trim().toLowerCase()}=${escapeDnValue(folded)}`;
}

function unescapeValue(value: string): string {
  const text = withoutPadding(value);
  const inner = /^"(.*)"$/s.exec(text)?.[1] ?? text;
  const bytes: Buffer[] = [];
  for (let at = 0; at < inner.length; at += 1) {
    const pair = /^\\([0-9a-fA-F]{2})/.exec(inner.slice(at, at + 3))?.[1];
    if (pair !== undefined) {
      bytes.push(Buffer.from(pair, 'hex'));
      at += 2;
    } else {
      if (inner[at] === '\\') at += 1;
      const character = String.fromCodePoint(inner.codePointAt(at) ?? 0x5c);
      bytes.push(Buffer.from(character));
      at += character.length - 1;
    }
  }
  return Buffer.concat(bytes).toString();
}

function cut(text: string, separator: string): string[] {
  const ends = [...separators(text, separator), text.length];
  return ends.map((end, index) => withoutPadding(text.slice(index === 0 ? 0 : (ends[index - 1] ?? 0) + 1, end)));
}

/** Only plain spaces may pad a DN; other white space belongs to the name. An escaped space at the end does, too. */
function withoutPadding(text: string): string {
  return text.replace(/^ +/, '').replace(/(?<!\\) +$/, '');
}

/** Where a separator stands that is neither escaped nor quoted. */
function separators(text: string, separator: string): number[] {
  const found: number[] = [];
  let quoted = false;
  for (let at = 0; at < text.length; at += 1) {
    if (text[at] === '\\') at += 1;
    else if (text[at] === '"') quoted = !quoted;
    else if (text[at] === separator && !quoted) found.push(at);
  }
  return found;
}

const hex = (character: string): string => `\\${Buffer.from(character).toString('hex').toUpperCase()}`;
