import { describe, expect, it } from '@jest/globals';
import { checkAttachment, fileName, LARGEST_ATTACHMENT } from './attachment.model.js';

const PNG = Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex');
const check = (name: string, bytes: Buffer | string) => checkAttachment({ name, bytes: Buffer.from(bytes) });

describe('a file is what its bytes are', () => {
  it.each([
    ['error.png', PNG, 'image/png'],
    ['ohne Endung', PNG, 'image/png'],
    ['report.pdf', '%PDF-1.7\n', 'application/pdf'],
    ['Angebot.docx', 'PK\u0003\u0004 and so on', 'application/zip'],
    ['app.log', '2026-11-23 Fehler: Gerät antwortet nicht\r\n', 'text/plain'],
    // whatever a browser could run is saved as bytes
    ['page.html', '<!DOCTYPE html><p>hi</p>', 'application/octet-stream'],
    ['logo.svg', '<svg xmlns="http://www.w3.org/2000/svg" onload="x()"/>', 'application/octet-stream'],
    ['feed.xml', '<?xml version="1.0"?><a/>', 'application/octet-stream'],
    ['notes.txt', 'look:\n<script>alert(1)</script>', 'application/octet-stream'],
  ])('%s', (name, bytes, type) => {
    expect(check(name, bytes)).toEqual({ name, type });
  });

  it.each([
    ['a page that is called a picture', 'a.png', '<html></html>'],
    ['a program under any name', 'a.txt', 'MZ\u0090\u0000'],
    ['an ELF program', 'a', '\x7fELF'],
    ['a script for a shell', 'readme', '#!/bin/sh\nrm -rf /'],
    ['a second extension', 'invoice.pdf.exe', 'hello'],
    ['an extension behind marks that turn the writing', 'invoice\u202efdp.exe', 'hello'],
    ['an extension with a dot behind, which Windows drops', 'a.js.', 'hello'],
    ['a shortcut', 'a.LNK', 'hello'],
    ['bytes of no known form', 'a.bin2', Buffer.from([0, 1, 2, 255])],
  ])('refuses %s', (_what, name, bytes) => {
    expect(() => check(name, bytes)).toThrow(expect.objectContaining({ code: 'ticket.attachment_type_refused' }));
  });

  it('refuses what is empty or too large', () => {
    expect(() => check('a', '')).toThrow(expect.objectContaining({ code: 'ticket.attachment_empty' }));
    const large = Buffer.alloc(LARGEST_ATTACHMENT + 1, 'a');
    expect(() => check('a', large)).toThrow(expect.objectContaining({ code: 'ticket.attachment_too_large' }));
  });
});

describe('a name', () => {
  it.each([
    ['../../etc/passwd', 'passwd'],
    ['C:\\Windows\\system32\\config', 'config'],
    ['/', 'attachment'],
    ['..', 'attachment'],
    ['.htaccess', 'htaccess'],
    ['a\r\nSet-Cookie: x=1.txt', 'aSet-Cookie x=1.txt'],
    ['x"; filename=y.txt', 'x; filename=y.txt'],
    ['Müller & Söhne.pdf', 'Müller & Söhne.pdf'],
    ['a\u0000b.txt', 'ab.txt'],
  ])('%j is kept as %j', (given, kept) => {
    expect(fileName(given)).toBe(kept);
  });

  it('that is too long keeps its extension', () => {
    const kept = fileName(`${'😀'.repeat(300)}.png`);
    expect(kept).toBe(`${'😀'.repeat(196)}.png`);
  });
});
