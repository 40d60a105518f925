import { expect } from '@jest/globals';
import type { Block } from '#libs/connectors';
import type { JsonObject } from '#libs/kernel';
import { diffSnapshots, snapshotDirectory } from '../../../tools/sandbox/index.js';
import type { Customer } from './block-context.js';
import type { DomainFixture } from './domain-fixture.js';

/** The whole domain, as its administrator sees it. */
export const domainSnapshot = ({ access }: DomainFixture) =>
  snapshotDirectory({ ...access, bindDn: access.rootDn, password: access.rootPassword });

/** Plans, writes, proves; then takes it back and proves that. Gives the effect and the proof of the way there. */
export async function thereAndBack<Input extends JsonObject>(
  fixture: DomainFixture,
  block: Block<Input>,
  input: Input,
  customer: Customer = fixture.customer,
) {
  const before = await domainSnapshot(fixture);
  const effect = await block.plan(customer.step(), input);
  expect(await domainSnapshot(fixture)).toEqual(before);
  const step = customer.step({ expectedIdentity: effect.identity?.id ?? null });
  const receipt = (await block.apply(step, input, effect)) as JsonObject;
  const proof = await block.verify(step, input, effect, receipt);
  expect(proof).toMatchObject({ proven: true });
  expect((await block.plan(step, input)).changes).toEqual([]);
  const back = await block.undo(step, input, effect, []);
  expect(back).toMatchObject({ kept: [], irreversible: null });
  const returned = (await block.apply(step, input, back)) as JsonObject;
  expect(await block.verify(step, input, back, returned)).toMatchObject({ proven: true });
  expect(diffSnapshots(before, await domainSnapshot(fixture))).toEqual([]);
  return { effect, proof, receipt };
}
