import { describe, expect, it } from '@jest/globals';
import { automaticReason, hasLooped, type MailHeaders } from './automatic-mail.model.js';
import { withoutQuotes } from './quoted-text.model.js';

const of = (headers: Record<string, string>): MailHeaders =>
  new Map(Object.entries(headers).map(([name, value]) => [name, [value]]));

describe('a mail of a program', () => {
  it.each([
    ['auto_reply', { 'auto-submitted': 'auto-replied' }],
    ['auto_reply', { 'auto-submitted': 'auto-generated; owner=x' }],
    ['auto_reply', { precedence: 'auto_reply' }],
    ['auto_reply', { 'x-auto-response-suppress': 'All' }],
    ['mailing_list', { 'list-id': '<users.example>' }],
    ['mailing_list', { precedence: 'bulk' }],
    ['bounce', { 'content-type': 'multipart/report; report-type=delivery-status; boundary=x' }],
    ['own_mail', { 'stellwerk-ticket-mail': 'x' }],
  ])('is known as %s by %j', (reason, headers) => {
    expect(automaticReason(of(headers), 'eva@firma.example')).toBe(reason);
  });

  it('has an empty return path, and a person’s has none of it', () => {
    expect(automaticReason(of({}), '')).toBe('empty_return_path');
    expect(automaticReason(of({ 'auto-submitted': 'no' }), 'eva@firma.example')).toBeNull();
    expect(automaticReason(of({}), null)).toBeNull();
  });

  it('that goes round in circles has too many hops', () => {
    expect(hasLooped(new Map([['received', Array.from({ length: 51 }, () => 'by x')]]))).toBe(true);
    expect(hasLooped(new Map([['received', Array.from({ length: 12 }, () => 'by x')]]))).toBe(false);
  });
});

describe('the new part of a mail', () => {
  it.each([
    [
      'Gmail',
      'Der an der Treppe.\n\nAm Mo., 23. Nov. 2026 um 09:14 Uhr schrieb Helpdesk <\nsupport@msp.example>:\n\n> Welcher Drucker?',
    ],
    [
      'Gmail in English',
      'Der an der Treppe.\n\nOn Mon, Nov 23, 2026 at 9:14 AM Helpdesk <support@msp.example> wrote:\n> Welcher Drucker?',
    ],
    [
      'Outlook',
      'Der an der Treppe.\n\n________________________________\nVon: Helpdesk <support@msp.example>\nGesendet: Montag\nAn: Eva\nBetreff: Ticket 7\n\nWelcher Drucker?',
    ],
    [
      'Outlook without a line',
      'Der an der Treppe.\n\nVon: Helpdesk <support@msp.example>\nGesendet: Montag, 23. November 2026\nAn: Eva\n\nWelcher Drucker?',
    ],
    ['Outlook of old', 'Der an der Treppe.\n\n-----Ursprüngliche Nachricht-----\nVon: Helpdesk\nWelcher Drucker?'],
    ['our own line', 'Der an der Treppe.\n\n> ##- Bitte antworten Sie oberhalb dieser Zeile -##\n> Welcher Drucker?'],
    ['a signature', 'Der an der Treppe.\n\n-- \nEva Beck\nMuster GmbH'],
    ['Thunderbird', 'Der an der Treppe.\r\n\r\nAm 23.11.26 um 09:14 schrieb Helpdesk:\r\n> Welcher Drucker?\r\n'],
  ])('of %s is what its writer wrote', (_name, text) => {
    expect(withoutQuotes(text)).toBe('Der an der Treppe.');
  });

  it('of an answer between quoted lines is all of it, and ordinary words begin no quote', () => {
    const between = '> Welcher Drucker?\nDer an der Treppe.\n> Seit wann?\nSeit gestern.';
    expect(withoutQuotes(between)).toBe(between);
    const plain = 'Am Montag ging es noch.\nVon: Lager an Büro geht nichts.\n\nOn Tuesday it broke.';
    expect(withoutQuotes(plain)).toBe(plain);
    expect(withoutQuotes('> nur Zitat')).toBe('> nur Zitat');
  });
});
