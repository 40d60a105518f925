import { REPLY_LINES } from './mail-text.model.js';

const MARKS = Object.values(REPLY_LINES).map((line) => line.replace(/[^\p{L}]/gu, '').toLowerCase());

/** Lines with which mail programs begin what they quote. */
const HEADS: readonly RegExp[] = [
  // Gmail, Apple Mail, Thunderbird
  /^(am|on) .{6,200}\b(schrieb|wrote)\b.{0,200}:\s*$/i,
  /^.{3,200} (schrieb am|wrote on) .{6,100}:\s*$/i,
  /^-{2,}\s*(original message|original-nachricht|ursprüngliche nachricht|originalnachricht|weitergeleitete nachricht|forwarded message)\s*-{2,}/i,
  /^_{20,}\s*$/,
];
/** Outlook quotes by a block of headers. */
const FROM_LINE = /^\*?(von|from):\*?\s+\S/i;
const NEXT_LINE = /^\*?(gesendet|sent|datum|date|an|to|betreff|subject|cc):\*?\s+\S/i;
const SIGNATURE = /^-- ?$/;

/**
 * The part of a mail's text that is new: without what it quotes below, and without the signature. Where nothing is left (somebody
 * answered between quoted lines only), the whole text.
 */
export function withoutQuotes(text: string): string {
  const lines = text.replace(/\r\n?/g, '\n').split('\n');
  const end = lines.findIndex((line, index) => beginsQuote(lines, line.trim(), index));
  const own = (end < 0 ? lines : lines.slice(0, end)).slice();
  const signature = own.findLastIndex((line) => SIGNATURE.test(line));
  const kept = signature > 0 ? own.slice(0, signature) : own;
  while (kept.length > 0 && /^\s*(>.*)?$/.test(kept.at(-1)!)) kept.pop();
  const left = kept
    .join('\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim();
  return left === '' || isAllQuoted(kept) ? text.trim() : left;
}

function beginsQuote(lines: readonly string[], line: string, index: number): boolean {
  if (line === '') return false;
  const letters = line.replace(/[^\p{L}]/gu, '').toLowerCase();
  if (MARKS.some((mark) => letters.endsWith(mark)) && letters.length < 120) return true;
  if (HEADS.some((head) => head.test(line))) return true;
  // "On …, somebody" and "wrote:" may be broken into two lines
  const joined = `${line} ${(lines[index + 1] ?? '').trim()}`;
  if (/^(am|on) .*\d/i.test(line) && HEADS[0]!.test(joined)) return true;
  return FROM_LINE.test(line) && lines.slice(index + 1, index + 4).some((next) => NEXT_LINE.test(next.trim()));
}

function isAllQuoted(lines: readonly string[]): boolean {
  return lines.every((line) => /^\s*(>.*)?$/.test(line));
}
