import { CsvError, parse } from 'csv-parse/sync';
import { CsvUnreadable } from './csv.errors.js';

/** A record of a file: the line that it ends on (from 1, the header included) and its cells by column; none is empty. */
export interface CsvLine {
  readonly line: number;
  readonly cells: Readonly<Record<string, string>>;
}

/** Something that is wrong with one line. */
export interface CsvFault {
  readonly line: number;
  /** The column's name as we know it; null where it is the line as a whole. */
  readonly column: string | null;
  readonly code: string;
  readonly message: string;
}

export interface CsvTable {
  readonly lines: readonly CsvLine[];
  readonly faults: readonly CsvFault[];
}

interface Read {
  readonly info: { readonly lines: number };
  readonly record: readonly string[];
}

export const MOST_CSV_LINES = 500;
const LONGEST_RECORD = 65_536;
/** What a spreadsheet would calculate: a text like that is no name and no number. A phone number may begin with a plus. */
const FORMULA = /^(?:[=@\t\r]|[+-](?![\d\s()]))/;

/**
 * Reads a file (RFC 4180, separated by `,` or `;`, with or without a byte order mark) whose first line names columns;
 * `columns` are the names that are known, found in any case. Throws `CsvUnreadable` when nothing can be said about lines:
 * broken quotes, an unknown, missing or double column, no or too many lines.
 */
export function readCsv(text: string, columns: readonly string[], needed: readonly string[]): CsvTable {
  const [header, ...records] = readRecords(text);
  if (!header || records.length === 0) throw new CsvUnreadable('Send a line of column names and at least one more.');
  if (records.length > MOST_CSV_LINES) throw new CsvUnreadable(`Send at most ${MOST_CSV_LINES} lines.`);
  const names = namesOf(header.record, columns, needed);
  const read = records.map(({ info, record }) => lineOf(info.lines, record, names));
  return { lines: read.map(({ line }) => line), faults: read.flatMap(({ faults }) => faults) };
}

/** A text from a file as it may be shown again: no spreadsheet calculates it. */
export function inert(text: string): string {
  return FORMULA.test(text) ? `'${text}` : text;
}

function readRecords(text: string): readonly Read[] {
  try {
    const options = {
      bom: true,
      delimiter: delimiterOf(text),
      info: true,
      relax_column_count: true,
      trim: true,
    } as const;
    const limits = { skip_empty_lines: true, skip_records_with_empty_values: true, max_record_size: LONGEST_RECORD };
    return parse(text, { ...options, ...limits }) as unknown as readonly Read[];
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    throw new CsvUnreadable(`Line ${String(error['lines'] ?? 1)} cannot be read: check its quotes.`, { cause: error });
  }
}

/** The separator that the line of names has more of; names have neither. */
function delimiterOf(text: string): ',' | ';' {
  const first = /^[^\r\n]*/.exec(text)![0];
  return first.split(';').length > first.split(',').length ? ';' : ',';
}

function namesOf(header: readonly string[], columns: readonly string[], needed: readonly string[]): readonly string[] {
  const names = header.map((cell) => columns.find((name) => name.toLowerCase() === cell.toLowerCase()) ?? null);
  const unknown = header.filter((_cell, index) => names[index] === null).map((cell) => inert(cell) || '(empty)');
  if (unknown.length > 0)
    throw new CsvUnreadable(`Unknown columns: ${unknown.join(', ')}. Known: ${columns.join(', ')}.`);
  const known = names as readonly string[];
  const double = known.find((name, index) => known.indexOf(name) !== index);
  if (double) throw new CsvUnreadable(`The column ${double} comes twice.`);
  const missing = needed.filter((name) => !known.includes(name));
  if (missing.length > 0) throw new CsvUnreadable(`Columns are missing: ${missing.join(', ')}.`);
  return known;
}

function lineOf(
  line: number,
  record: readonly string[],
  names: readonly string[],
): { readonly line: CsvLine; readonly faults: readonly CsvFault[] } {
  const cells = Object.fromEntries(names.flatMap((name, index) => (record[index] ? [[name, record[index]]] : [])));
  const faults: CsvFault[] = Object.entries(cells)
    .filter(([, cell]) => FORMULA.test(cell))
    .map(([column]) => ({
      line,
      column,
      code: 'formula',
      message: 'A spreadsheet would calculate this. Write it out.',
    }));
  if (record.length !== names.length) {
    const message = `It has ${record.length} cells, the first line ${names.length}.`;
    faults.push({ line, column: null, code: 'other_number_of_cells', message });
  }
  return { line: { line, cells }, faults };
}
