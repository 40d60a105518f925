import { describe, expect, it } from '@jest/globals';
import { bodyOfLine, columnsOf, neededColumns } from './csv-columns.js';
import { inert, MOST_CSV_LINES, readCsv } from './csv-lines.js';

const read = (text: string) => readCsv(text, columnsOf('onboarding'), neededColumns('onboarding'));
const HEADER = 'givenName,surName,firstDayAt';
const unreadable = expect.objectContaining({ code: 'import.unreadable' });

describe('a file of joiners', () => {
  it.each([
    ['commas', `${HEADER},groups\nJörg,Groß,2027-01-04T08:00,vpn|erp\n`],
    ['semicolons', `${HEADER.replaceAll(',', ';')};groups\nJörg;Groß;2027-01-04T08:00;vpn | erp`],
    [
      'a byte order mark and lines as Windows ends them',
      `\ufeff${HEADER},groups\r\nJörg,Groß,2027-01-04T08:00,"vpn|erp"\r\n`,
    ],
    ['names in any case', `GIVENNAME,surname,FirstDayAt,Groups\nJörg,Groß,2027-01-04T08:00,vpn|erp`],
    ['empty lines', `${HEADER},groups\n\nJörg,Groß,2027-01-04T08:00,vpn|erp\n,,,\n`],
  ])('with %s is read', (_what, text) => {
    const { lines, faults } = read(text);
    expect(faults).toEqual([]);
    expect(lines.map((line) => bodyOfLine('onboarding', line))).toEqual([
      {
        type: 'onboarding',
        givenName: 'Jörg',
        surname: 'Groß',
        firstDayAt: '2027-01-04T08:00',
        groups: ['vpn', 'erp'],
      },
    ]);
  });

  it('may have separators, quotes and line breaks inside quotes, and says which line it is', () => {
    const { lines } = read(`${HEADER},jobTitle\nA,B,x,"Head of ""Sales"", EMEA"\nC,D,y,"two\nlines"\nE,F,z,\n`);
    expect(lines.map(({ line, cells }) => [line, cells['jobTitle']])).toEqual([
      [2, 'Head of "Sales", EMEA'],
      [4, 'two\nlines'],
      [5, undefined],
    ]);
  });

  it.each([
    ['nothing', ''],
    ['names alone', `${HEADER}\n`],
    ['an unknown column', `${HEADER},shoeSize\nA,B,x,1`],
    ['a column without a name', `${HEADER},\nA,B,x,1`],
    ['a column of a prototype', `${HEADER},constructor\nA,B,x,1`],
    ['a column twice', `${HEADER},surname\nA,B,x,1`],
    ['a column missing', 'givenName,surName\nA,B'],
    ['a quote that is never closed', `${HEADER}\nA,"B,x`],
    ['a quote in the middle', `${HEADER}\nA,"B"C,x`],
    ['too many lines', `${HEADER}\n${'A,B,x\n'.repeat(MOST_CSV_LINES + 1)}`],
    ['a cell without end', `${HEADER}\nA,${'B'.repeat(70_000)},x`],
  ])('with %s cannot be read', (_what, text) => expect(() => read(text)).toThrow(unreadable));

  it('says of each line what is wrong with it', () => {
    const { faults } = read(`${HEADER},mobilePhone\nA,B,x\n=1+1,B,x,+49 221 1\nA,@B,x,-SUM(1)\n`);
    expect(faults.map(({ line, column, code }) => [line, column, code])).toEqual([
      [2, null, 'other_number_of_cells'],
      [3, 'givenName', 'formula'],
      [4, 'surName', 'formula'],
      [4, 'mobilePhone', 'formula'],
    ]);
  });

  it('shows nothing again that a spreadsheet would calculate', () => {
    expect(['=1+1', '@x', '+cmd', '-x', '\t=1', '+49 221', 'Groß'].map(inert)).toEqual([
      "'=1+1",
      "'@x",
      "'+cmd",
      "'-x",
      "'\t=1",
      '+49 221',
      'Groß',
    ]);
    expect(() => read(`${HEADER},=cmd()\nA,B,x,1`)).toThrow(/Unknown columns: '=cmd\(\)/);
  });
});
