import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, expect, it } from '@jest/globals';

const root = process.cwd();
const SKIPPED = new Set(['node_modules', 'dist', 'coverage', '.git', '.stellwerk']);
// spelled apart, so that this file does not name settings itself
const PREFIX = ['STELL', 'WERK_'].join('');
const SETTING = new RegExp(`\\b${PREFIX}[A-Z0-9]+(?:_[A-Z0-9]+)*\\b`, 'g');

/** Files below a folder, as paths in the checkout. */
function filesBelow(folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return SKIPPED.has(entry.name) ? [] : filesBelow(path);
    return entry.isFile() ? [path] : [];
  });
}

const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const documents = filesBelow('.').filter((path) => path.endsWith('.md'));
const readme = read('README.md');

/** The text without code: neither blocks nor spans. */
const prose = (text: string): string => text.replace(/^```[\s\S]*?^```/gm, '').replace(/`[^`\n]*`/g, '');

/** Targets of links that stay in the checkout. */
function relativeLinks(path: string): string[] {
  const targets = [...prose(read(path)).matchAll(/\]\(([^()\s]+)\)/g)].map((match) => match[1]!);
  return targets.filter((target) => !/^[a-z][a-z0-9+.-]*:/i.test(target));
}

/** The anchors that code hosts give to a document's headings. */
function anchorsOf(text: string): Set<string> {
  const headings = [...text.replace(/^```[\s\S]*?^```/gm, '').matchAll(/^#{1,6} +(.+)$/gm)].map((match) => match[1]!);
  const slug = (heading: string): string =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-');
  return new Set(headings.map(slug));
}

function isBroken(from: string, target: string): boolean {
  const [file = '', anchor] = target.split('#');
  const path = file === '' ? from : relative(root, join(root, dirname(from), decodeURIComponent(file)));
  if (path.startsWith('..') || !existsSync(join(root, path))) return true;
  if (anchor === undefined || statSync(join(root, path)).isDirectory() || !path.endsWith('.md')) return false;
  return !anchorsOf(read(path)).has(anchor);
}

/** Settings that programs, tools, tests and the compose files name outside of comments. */
function settingsInUse(): Set<string> {
  const places = ['apps', 'libs', 'tools', 'test', 'workflows'].flatMap(filesBelow);
  const sources = places.filter((path) => /\.(ts|mjs|js|sh|ya?ml|java)$/.test(path));
  const withoutComments = [...sources, 'docker-compose.yml', 'Dockerfile'].map((path) =>
    read(path).replace(/^\s*(\/\/|\/?\*|#).*$/gm, ''),
  );
  return new Set(withoutComments.flatMap((text) => text.match(SETTING) ?? []));
}

/** Settings in the first column of the README's tables. */
function settingsInTables(): Set<string> {
  const cells = readme.split('\n').map((line) => /^\|([^|]*)\|/.exec(line)?.[1] ?? '');
  return new Set(cells.flatMap((cell) => cell.match(SETTING) ?? []));
}

describe('documents', () => {
  it('are found', () => {
    expect(documents).toEqual(expect.arrayContaining(['README.md', 'CONTRIBUTING.md', 'docs/architecture.md']));
  });

  it.each(documents)('%s has no broken relative link', (path) => {
    expect(relativeLinks(path).filter((target) => isBroken(path, target))).toEqual([]);
  });

  it.each(documents)('%s names only npm scripts that exist', (path) => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
    const named = [...read(path).matchAll(/\bnpm (?:run(?: --silent)? ([a-z][\w:-]*)|(start|test)\b)/g)];
    const missing = named.map((match) => (match[1] ?? match[2])!).filter((script) => !(script in scripts));
    expect(missing).toEqual([]);
  });

  it.each(
    documents.filter((path) => path !== 'docs/adding-a-process.md' && path !== 'docs/adding-a-building-block.md'),
  )('%s names only files of the checkout that exist', (path) => {
    const spans = [...read(path).matchAll(/`((?:apps|libs|workflows|tools|test|docs)\/[\w./-]+\.[a-z0-9]+)`/g)];
    expect(spans.map((match) => match[1]!).filter((file) => !existsSync(join(root, file)))).toEqual([]);
  });
});

describe('the README’s tables of settings', () => {
  const used = settingsInUse();
  const told = settingsInTables();

  it('tell every setting that is read', () => {
    expect([...used].filter((name) => !told.has(name)).sort()).toEqual([]);
  });

  it('tell none that nobody reads', () => {
    expect([...told].filter((name) => !used.has(name)).sort()).toEqual([]);
  });
});

describe('the list of decisions', () => {
  it('names every ADR', () => {
    const linked = relativeLinks('docs/architecture.md');
    const all = filesBelow('docs/adr').map((path) => path.replace(/^docs\//, ''));
    expect(all.filter((path) => !linked.includes(path))).toEqual([]);
  });
});

describe('what the guides list', () => {
  it('is every act of a person, with what it does', () => {
    const acts = /ACTS = \[([^\]]*)\]/.exec(read('apps/api/acts/act.dto.ts'))![1]!.match(/\w+/g)!;
    const rows = read('docs/operating.md')
      .match(/^\| `.*$/gm)!
      .join('\n');
    expect(acts.filter((act) => !rows.includes(`\`${act}\``))).toEqual([]);
  });

  it('is every table of the database', () => {
    const tables = filesBelow('libs/platform/database/schema').flatMap((path) => {
      const listed = /^export interface \w+Tables \{\n([\s\S]*?)^\}/m.exec(read(path));
      return [...(listed?.[1] ?? '').matchAll(/^ {2}(\w+): /gm)].map((match) => match[1]!);
    });
    expect(tables.length).toBeGreaterThan(20);
    const rows = read('docs/architecture.md')
      .match(/^\| `.*$/gm)!
      .join('\n');
    expect(tables.filter((table) => !rows.includes(`\`${table}\``))).toEqual([]);
  });
});
