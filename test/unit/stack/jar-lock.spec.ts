import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { toolModule } from './tool-module.js';

interface JarLockModule {
  describeJars(dir: string): string;
  compareJars(locked: string, present: string): string[];
}

const { describeJars, compareJars } = await toolModule<JarLockModule>('setup/jar-lock.mjs');

describe('the lock of the jars', () => {
  let dir: string;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'stellwerk-jars-'));
    writeFileSync(join(dir, 'b.jar'), 'second');
    writeFileSync(join(dir, 'a.jar'), 'first');
    writeFileSync(join(dir, 'notes.txt'), 'no jar');
  });
  afterEach(() => rmSync(dir, { recursive: true }));

  it('holds name and sha256 of every jar, sorted', () => {
    const first = createHash('sha256').update('first').digest('hex');
    expect(describeJars(dir).split('\n')[0]).toBe(`${first}  a.jar`);
    expect(describeJars(dir)).not.toContain('notes.txt');
  });

  it('agrees with the directory it was made from', () => {
    expect(compareJars(describeJars(dir), describeJars(dir))).toEqual([]);
  });

  it('names a jar whose content changed, one that is missing and one that is new', () => {
    const locked = describeJars(dir);
    writeFileSync(join(dir, 'a.jar'), 'tampered');
    rmSync(join(dir, 'b.jar'));
    writeFileSync(join(dir, 'c.jar'), 'third');
    expect(compareJars(locked, describeJars(dir))).toEqual([
      'a.jar has another checksum',
      'b.jar is missing',
      'c.jar is not in the lock',
    ]);
  });
});
