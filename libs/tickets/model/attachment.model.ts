import { AttachmentEmpty, AttachmentTooLarge, AttachmentTypeRefused } from './attachment.errors.js';

/** Bytes of one file. */
export const LARGEST_ATTACHMENT = 10 * 1024 * 1024;
/** Bytes of all files of one ticket. */
export const LARGEST_TICKET_FILES = 100 * 1024 * 1024;
export const MOST_TICKET_FILES = 200;

const LONGEST_NAME = 200;
const OCTETS = 'application/octet-stream';

/** A file that may be kept, under a name that is one. */
export interface CheckedFile {
  readonly name: string;
  /** What a download says it is; anything that a browser could run is octets. */
  readonly type: string;
}

const ascii = (text: string): Buffer => Buffer.from(text, 'latin1');
const startsWith =
  (...bytes: readonly number[]) =>
  (file: Buffer): boolean =>
    file.subarray(0, bytes.length).equals(Buffer.from(bytes));
const has = (text: string, place: number) => (file: Buffer) =>
  file.subarray(place, place + text.length).equals(ascii(text));

/** What files are by their first bytes. */
const FORMS: readonly (readonly [type: string, extensions: readonly string[], is: (file: Buffer) => boolean])[] = [
  ['image/png', ['png'], startsWith(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a)],
  ['image/jpeg', ['jpg', 'jpeg', 'jfif'], startsWith(0xff, 0xd8, 0xff)],
  ['image/gif', ['gif'], (file) => has('GIF87a', 0)(file) || has('GIF89a', 0)(file)],
  ['image/webp', ['webp'], (file) => has('RIFF', 0)(file) && has('WEBP', 8)(file)],
  [
    'image/tiff',
    ['tif', 'tiff'],
    (file) => startsWith(0x49, 0x49, 0x2a, 0)(file) || startsWith(0x4d, 0x4d, 0, 0x2a)(file),
  ],
  ['image/bmp', ['bmp'], has('BM', 0)],
  ['application/pdf', ['pdf'], has('%PDF-', 0)],
  ['application/zip', ['zip'], startsWith(0x50, 0x4b, 0x03, 0x04)],
  ['application/gzip', ['gz', 'tgz'], startsWith(0x1f, 0x8b, 0x08)],
  ['application/x-7z-compressed', ['7z'], startsWith(0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c)],
  // documents of older offices, and mails saved by Outlook
  [
    'application/x-ole-storage',
    ['doc', 'xls', 'ppt', 'msg'],
    startsWith(0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1),
  ],
  // what Outlook makes of a formatted mail for others: winmail.dat
  ['application/ms-tnef', ['dat', 'tnef'], startsWith(0x78, 0x9f, 0x3e, 0x22)],
  ['image/heic', ['heic', 'heif'], (file) => has('ftyphei', 4)(file) || has('ftypmif1', 4)(file)],
  ['video/mp4', ['mp4', 'm4v', 'mov', 'm4a'], has('ftyp', 4)],
  ['video/webm', ['webm', 'mkv'], startsWith(0x1a, 0x45, 0xdf, 0xa3)],
  // memory and network dumps that a vendor's support asks for
  [
    'application/vnd.tcpdump.pcap',
    ['pcap'],
    (file) => startsWith(0xd4, 0xc3, 0xb2, 0xa1)(file) || startsWith(0xa1, 0xb2, 0xc3, 0xd4)(file),
  ],
];

/** Extensions that name a form; a file that is called so has to be it. */
const CLAIMS: ReadonlyMap<string, string> = new Map(
  FORMS.flatMap(([type, names]) => names.map((name) => [name, type])),
);

/** What a system runs when somebody opens it, whatever stands in it. */
const RUNNABLE: ReadonlySet<string> = new Set(
  `apk app appimage application appref-ms bat bin cab cmd com cpl deb desktop dll dmg elf exe gadget hta inf ins inx iso
  img isu jar jnlp js jse jsp ksh lnk mht mhtml msc msh msi msix msp mst ocx osx out paf pif pkg pl pol ps1 ps1xml ps2
  psc1 psd1 psm1 py pyc rb reg rgs rpm run scf scr sct settingcontent-ms sh shb shs so sys u3p url vb vba vbe vbs vbscript
  vhd vhdx vxd wasm website wim ws wsc wsf wsh xbap xll`.split(/\s+/),
);

const PROGRAM: readonly ((file: Buffer) => boolean)[] = [
  has('MZ', 0),
  startsWith(0x7f, 0x45, 0x4c, 0x46),
  startsWith(0xca, 0xfe, 0xba, 0xbe),
  startsWith(0xcf, 0xfa, 0xed, 0xfe),
  startsWith(0xce, 0xfa, 0xed, 0xfe),
  startsWith(0, 0x61, 0x73, 0x6d),
  has('#!', 0),
];

/** What a browser would take for a page or a script. */
const ACTIVE =
  /<\s*(!doctype|html|head|body|script|svg|iframe|object|embed|style|link|meta|\?xml|math|x:)|javascript:/i;
const LOOKED_AT = 65_536;

/**
 * What a file is by its bytes, and under which name it may be kept. The name says nothing of what it is; but a file that claims
 * to be a picture or document and is none, and whatever a system would run, are refused. Throws `AttachmentEmpty`,
 * `AttachmentTooLarge` or `AttachmentTypeRefused`.
 */
export function checkAttachment({ name, bytes }: { readonly name: string; readonly bytes: Buffer }): CheckedFile {
  if (bytes.length === 0) throw new AttachmentEmpty('The file has no bytes. Send one that has.');
  if (bytes.length > LARGEST_ATTACHMENT)
    throw new AttachmentTooLarge(`A file has at most ${LARGEST_ATTACHMENT} bytes; this one has ${bytes.length}.`);
  const kept = fileName(name);
  // the last one decides what opens it: "invoice.pdf.exe" is run
  const extension = kept.toLowerCase().split('.').slice(1).at(-1) ?? '';
  if (RUNNABLE.has(extension) || PROGRAM.some((is) => is(bytes)))
    throw refused(kept, 'is a program or would be run as one');
  const form = FORMS.find(([, , is]) => is(bytes))?.[0] ?? (isText(bytes) ? textType(bytes) : undefined);
  if (form === undefined) throw refused(kept, 'is of no form that is taken');
  const claimed = CLAIMS.get(extension);
  if (claimed !== undefined && claimed !== form) throw refused(kept, `is not what its name says: ${form}`);
  return { name: kept, type: form };
}

/** The last part of a path, without anything that cannot be seen or turns the direction of writing. */
export function fileName(given: string): string {
  const last = given.normalize('NFC').split(/[/\\]/).at(-1)!;
  const clean = last.replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}<>:"|?*]/gu, '').replace(/\s+/g, ' ');
  const bare = clean.trim().replace(/^\.+|[. ]+$/g, '');
  if (bare === '') return 'attachment';
  if ([...bare].length <= LONGEST_NAME) return bare;
  const end = /\.[^.]{1,10}$/.exec(bare)?.[0] ?? '';
  // by code points: half of a pair is no character
  return [...bare].slice(0, LONGEST_NAME - end.length).join('') + end;
}

function isText(bytes: Buffer): boolean {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return !/[^\P{Cc}\n\r\t\f]/u.test(text);
  } catch {
    return false;
  }
}

function textType(bytes: Buffer): string {
  return ACTIVE.test(bytes.subarray(0, LOOKED_AT).toString('utf8')) ? OCTETS : 'text/plain';
}

function refused(name: string, why: string): AttachmentTypeRefused {
  return new AttachmentTypeRefused(
    `${name} ${why}. Pictures, PDF, office documents, archives, videos and plain text are taken; put anything else into a zip file.`,
  );
}
