import { expect, it } from '@jest/globals';
import { muster } from './companies/muster.data.js';
import { nordlicht } from './companies/nordlicht.data.js';
import { groupsWithMeaning } from './seed-demo.js';

it.each([
  ['muster', muster],
  ['nordlicht', nordlicht],
] as const)('%s can give access to a leaver’s data, by a group that its directory has', (tenant, { groups }) => {
  const named = groupsWithMeaning[tenant]!;
  expect(named['dataAccessGroups']).not.toHaveLength(0);
  const known = groups.map(({ cn }) => cn);
  expect(
    Object.values(named)
      .flat()
      .filter((name) => !known.includes(name)),
  ).toEqual([]);
});
