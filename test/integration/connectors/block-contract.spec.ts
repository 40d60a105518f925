import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import {
  blocks,
  ldapUserDisable,
  ldapUserEnable,
  manualTask,
  peopleSystem,
  validateInput,
  type Block,
} from '#libs/connectors';
import type { JsonObject } from '#libs/kernel';
import { snapshotDirectory, startSandbox, type Sandbox } from '../../../tools/sandbox/index.js';
import { Resources, slapdRoot } from '../sandbox/sandbox-fixture.js';
import { Customer, directoryCustomer, type StepOptions } from './block-context.js';

const ajv = formats.default(new Ajv2020({ strict: true, allowUnionTypes: true }));

/** What every block promises, tried on the demo customer's systems. */
describe('the contract of the building blocks', () => {
  const resources = new Resources();
  let sandbox: Sandbox;
  beforeAll(async () => {
    const options = { dir: resources.folder(), port: 0, slapdRoot: slapdRoot() };
    sandbox = resources.add(await startSandbox(options), (running) => running.stop());
  });
  afterAll(() => resources.cleanUp());

  /** Those that write to a customer's system; the portal's needs our own database. */
  const carriedOut = [...blocks.values()].filter(({ kind }) => kind !== 'manual' && kind !== 'portal');
  const user = 'jana.keller';
  const grant = { purpose: 'Offene Angebote', approver: 'petra.vogelsang', until: '2027-01-31T17:00:00Z' };
  const inputs: { readonly [block: string]: (hooks: string) => JsonObject } = {
    'ldap.user.create': () => ({
      user: 'änne.müßig',
      givenName: 'Änne',
      surname: 'Müßig',
      mail: 'aenne.muessig@muster.example',
      aliases: ['aenne@muster.example'],
      department: 'Konstruktion',
      manager: 'joerg.mueller',
    }),
    'ldap.user.set-first-password': () => ({ user: 'emil.sorensen' }),
    'ldap.user.enable': () => ({ user: 'emil.sorensen' }),
    'ldap.user.disable': () => ({ user }),
    'ldap.user.reset-password': () => ({ user }),
    'ldap.user.remove-from-groups': () => ({ user, except: ['erp'] }),
    'ldap.user.add-to-groups': () => ({ user, groups: ['personal', 'fertigung'] }),
    'ldap.user.set-groups': () => ({ user, groups: ['vertrieb', 'fertigung'] }),
    'ldap.user.set-attributes': () => ({ user, attributes: { telephoneNumber: null, title: ['Leiterin'] } }),
    'ldap.user.move': () => ({ user }),
    'ldap.mailbox.forward': () => ({ user, to: 'markus.hoffmann@muster.example', keepCopy: true, ...grant }),
    'ldap.mailbox.out-of-office': () => ({ user, text: 'Ich bin nicht mehr im Haus.', ...grant }),
    'ldap.user.grant-access': () => ({ user, colleague: 'nina.schroeder', groups: ['vertrieb'], ...grant }),
    'ldap.user.delete': () => ({ user: 'nina.schroeder' }),
    'mail.send': () => ({ to: ['it@muster.example'], subject: 'Austritt', text: 'Erledigt.' }),
    'password.hand-over': () => ({
      ofStep: 'new_password',
      sealedName: 'new-password',
      to: ['privat@jana.example'],
      language: 'de',
      userName: user,
    }),
    'http.call': (hooks) => ({
      url: `${hooks}/crm`,
      method: 'PUT',
      body: { active: false },
      undo: { url: `${hooks}/crm`, method: 'PUT', body: { active: true } },
    }),
  };

  function customer(kind: Block['kind']): Customer {
    if (kind === 'ldap') return directoryCustomer(sandbox.directories['muster']!.access);
    const { host, port, user: login, password, caFile } = sandbox.description.mail;
    const caPem = readFileSync(caFile, 'utf8');
    const smtp = { host, port, user: login, caPem, from: 'stellwerk@msp.example', startTls: true };
    const config = kind === 'smtp' ? smtp : { origins: [new URL(sandbox.description.http.url).origin] };
    const made = new Customer({ tenant: 'muster', name: kind, kind, config, secretRef: 'secret://system' });
    made.secrets.set('secret://system', password);
    made.sealed.set('new_password/new-password', 'drawn by the step before');
    return made;
  }
  /** What can be opened has to be closed first. */
  async function closedFor(block: string): Promise<void> {
    if (block !== ldapUserEnable.name) return;
    const step = customer('ldap').step();
    const input = { user: 'emil.sorensen' };
    await ldapUserDisable.apply(step, input, await ldapUserDisable.plan(step, input));
  }
  function snapshot() {
    const { url, rootDn, rootPassword, baseDn } = sandbox.directories['muster']!.access;
    return snapshotDirectory({ url, bindDn: rootDn, password: rootPassword, baseDn });
  }

  it('is tried for every block of the catalogue', () => {
    expect(Object.keys(inputs).sort()).toEqual(carriedOut.map((block) => block.name).sort());
  });

  it('knows manual steps, which only a person can carry out', async () => {
    const people = new Customer(peopleSystem('muster'));
    const input = { title: 'Notebook übergeben', instructions: 'Mit Dockingstation.', assignee: 'it@msp', dueDays: 3 };
    validateInput(manualTask, input);
    const effect = await manualTask.plan(people.step(), input);
    expect(effect).toMatchObject({ identity: null, changes: [], irreversible: expect.stringMatching(/\.$/) });
    expect(await manualTask.undo(people.step(), input, effect, [])).toEqual(effect);
    const defect = { code: 'manual.not_automatic', retryable: false };
    await expect(manualTask.apply(people.step(), input, effect)).rejects.toMatchObject(defect);
    await expect(manualTask.verify(people.step(), input, effect, null)).rejects.toMatchObject(defect);
  });

  it.each(carriedOut)('$name keeps it', async (block) => {
    const input = inputs[block.name]!(sandbox.description.http.hooksUrl);
    validateInput(block, input);
    const owner = customer(block.kind);
    await closedFor(block.name);
    const before = await snapshot();
    const effect = await block.plan(owner.step(), input);
    expect(effect.changes.length).toBeGreaterThan(0);
    expect(await snapshot()).toEqual(before);
    expect(await block.plan(owner.step({ expectedIdentity: effect.identity?.id ?? null }), input)).toEqual(effect);

    const place: StepOptions = { expectedIdentity: effect.identity?.id ?? null, beforeImage: effect };
    const receipt = (await block.apply(owner.step(place), input, effect)) ?? null;
    const proof = await block.verify(owner.step(place), input, effect, receipt);
    expect(proof.proven).toBe(true);
    expect(proof.observed.map(({ target, field, value }) => [target, field, value])).toEqual(
      effect.changes.map(({ target, field, after }) => [target, field, after]),
    );
    expect(ajv.validate(block.outputSchema, proof.evidence)).toBe(true);

    await block.apply(owner.step(place), input, effect);
    expect(await block.verify(owner.step(place), input, effect, receipt)).toMatchObject({ proven: true });

    const back = await block.undo(owner.step(place), input, effect, []);
    expect(back.kept).toEqual([]);
    if (back.irreversible !== null) {
      expect(back).toMatchObject({ changes: [], irreversible: expect.stringMatching(/\.$/) });
      expect(effect.irreversible).not.toBeNull();
      return;
    }
    const returned = (await block.apply(owner.step(place), input, back)) ?? null;
    expect(await block.verify(owner.step(place), input, back, returned)).toMatchObject({ proven: true });
    expect(await snapshot()).toEqual(before);
  });
});
