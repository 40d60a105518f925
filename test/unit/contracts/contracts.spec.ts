import { describe, expect, it } from '@jest/globals';
import { generateContracts, staleFiles } from '../../../tools/contracts/generate.js';

describe('the contracts', () => {
  it('are committed as the code makes them (npm run contracts writes them anew)', async () => {
    const root = process.cwd();
    const stale = staleFiles(root, await generateContracts(root));
    expect(stale.map(({ path }) => path)).toEqual([]);
  });
});
