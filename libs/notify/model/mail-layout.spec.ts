import { describe, expect, it } from '@jest/globals';
import { instantIn, oneLine, type MailContent } from './mail-content.js';
import { mailHtml, mailText } from './mail-layout.js';

const content: MailContent = {
  language: 'de',
  subject: 'Freigabe',
  opening: ['Guten Tag,', 'ein Plan wartet.'],
  facts: [{ label: 'Für', value: '<b>Eva & Söhne</b>' }],
  action: { label: 'Ansehen', url: 'https://portal.example/links/approval/x' },
  closing: ['Der Link gilt einmal.'],
};

describe('a mail', () => {
  it('is plain text with the link on a line of its own', () => {
    const text = mailText(content);
    expect(text.split('\n')).toContain('https://portal.example/links/approval/x');
    expect(text).toContain('Für: <b>Eva & Söhne</b>');
  });

  it('lets nothing that somebody typed become markup, and fetches nothing', () => {
    const html = mailHtml(content);
    expect(html).toContain('&#60;b&#62;Eva &#38; Söhne');
    expect(html).not.toMatch(/<b>|<img|<script|<link|src=|@import|url\(/);
    expect(html.match(/https?:/g)).toHaveLength(1);
  });

  it('tells times by the reader’s clock', () => {
    const at = new Date('2026-11-30T16:00:00Z');
    expect(instantIn('de', at, 'Europe/Berlin')).toBe('30. November 2026 um 17:00 MEZ');
    expect(instantIn('en', at, 'Europe/Berlin')).toBe('30 November 2026 at 17:00 CET');
  });

  it('keeps a subject on one line, however it was typed', () => {
    expect(oneLine('Austritt\r\nBcc: boss@firma.example')).toBe('Austritt Bcc: boss@firma.example');
    expect(oneLine('x'.repeat(300))).toHaveLength(200);
  });
});
