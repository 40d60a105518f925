import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { ldapUserCreate as block, takenUserNames } from '#libs/connectors';
import { fieldKey, type Effect, type JsonObject } from '#libs/kernel';
import { compareWithApproved } from '#libs/process/model';
import { change } from '../sandbox/sandbox-fixture.js';
import { AWKWARD_LOGINS, DirectoryFixture } from './directory-fixture.js';
import { directoryCustomer, withoutConfig, type Customer } from './block-context.js';
import { WriteInterposer } from './write-interposer.js';

const LOCKED = '000001010000Z';

describe('ldap.user.create', () => {
  let fixture: DirectoryFixture;
  let customer: Customer;
  beforeAll(async () => {
    fixture = await DirectoryFixture.start();
    customer = fixture.customer;
  });
  afterAll(() => fixture.stop());

  let number = 0;
  const joiner = (more: JsonObject = {}) => {
    const user = `joiner.${(number += 1)}`;
    return { user, givenName: 'Änne', surname: 'Müßig', mail: `${user}@muster.example`, ...more };
  };
  type Input = Parameters<typeof block.plan>[1];

  /** Plans, creates and proves, as the runner does. */
  async function created(input: Input) {
    const effect = await block.plan(customer.step(), input);
    const receipt = (await block.apply(customer.step(), input, effect)) as JsonObject;
    return { effect, receipt, proof: await block.verify(customer.step(), input, effect, receipt) };
  }
  const withIdentity = (effect: Effect, receipt: JsonObject): Effect => ({
    ...effect,
    identity: { id: receipt['identity'] as string, name: receipt['entry'] as string },
  });

  it('makes a closed entry with everything that was approved, and proves it', async () => {
    const input = joiner({
      displayName: 'Änne Müßig-Groß',
      aliases: ['aenne@muster.example'],
      title: 'Konstrukteurin',
      department: 'Konstruktion',
      company: 'Muster Werkzeugbau GmbH',
      streetAddress: 'Werkstraße 1',
      postalCode: '50667',
      city: 'Köln',
      state: 'NRW',
      usageLocation: 'DE',
      businessPhones: ['+49 221 4710-2', '+49 221 4710-1'],
      mobilePhone: '+49 171 3920099',
      employeeType: 'unbefristet',
      employeeNumber: '1099',
      manager: 'joerg.mueller',
      sponsor: 'ulrike.loewe',
    });
    const dn = fixture.personDn(input.user);
    const effect = await block.plan(customer.step(), input);
    expect(effect).toMatchObject({ identity: null, irreversible: null });
    expect(effect.changes.every((one) => one.target === dn && one.before === null)).toBe(true);
    expect(Object.fromEntries(effect.changes.map((one) => [one.field, one.after]))).toEqual({
      objectClass: expect.arrayContaining(['inetOrgPerson', 'person', 'top']),
      uid: [input.user],
      cn: ['Änne Müßig-Groß'],
      givenName: ['Änne'],
      sn: ['Müßig'],
      displayName: ['Änne Müßig-Groß'],
      mail: [input.mail],
      mailAlias: ['aenne@muster.example'],
      title: ['Konstrukteurin'],
      ou: ['Konstruktion'],
      o: ['Muster Werkzeugbau GmbH'],
      street: ['Werkstraße 1'],
      postalCode: ['50667'],
      l: ['Köln'],
      st: ['NRW'],
      c: ['DE'],
      telephoneNumber: ['+49 221 4710-1', '+49 221 4710-2'],
      mobile: ['+49 171 3920099'],
      employeeType: ['unbefristet'],
      employeeNumber: ['1099'],
      manager: [fixture.personDn('joerg.mueller')],
      sponsor: [fixture.personDn('ulrike.loewe')],
      pwdAccountLockedTime: LOCKED,
    });
    let receipt: JsonObject = {};
    const writes = await fixture.writesDuring(async () => {
      receipt = (await block.apply(customer.step(), input, effect)) as JsonObject;
    });
    expect(writes).toHaveLength(1);
    const proof = await block.verify(customer.step(), input, effect, receipt);
    expect(proof).toMatchObject({
      proven: true,
      identity: { id: await fixture.idOf(dn), name: dn },
      evidence: { identity: await fixture.idOf(dn) },
    });
    expect(proof.observed.map((one) => one.value)).toEqual(effect.changes.map((one) => one.after));
    expect(await fixture.values(dn, 'userPassword')).toEqual([]);
  });

  it.each(AWKWARD_LOGINS)('makes %s and takes them away again', async (name) => {
    const input = joiner({ user: `new ${name}` });
    const { effect, receipt, proof } = await created(input);
    expect(proof).toMatchObject({ proven: true });
    const recorded = withIdentity(effect, receipt);
    const back = await block.undo(customer.step(), input, recorded, []);
    expect(back).toMatchObject({
      changes: [{ field: 'entry', before: 'present', after: null }],
      notes: [{ code: 'directory.deleted_attributes' }],
      irreversible: null,
    });
    const step = customer.step({ expectedIdentity: recorded.identity!.id });
    await block.apply(step, input, back);
    expect(await block.verify(step, input, back, null)).toMatchObject({ proven: true });
    expect(await block.undo(customer.step(), input, recorded, [])).toMatchObject({ changes: [], irreversible: null });
  });

  it('makes an open entry elsewhere when asked to', async () => {
    const unit = `ou=trainees,${fixture.access.peopleOu}`;
    await fixture.root.add(unit, { objectClass: ['organizationalUnit'], ou: 'trainees' });
    const input = joiner({ unit, enabled: true });
    expect((await created(input)).proof).toMatchObject({ proven: true });
    expect(await fixture.values(fixture.personDn(input.user, unit), 'pwdAccountLockedTime')).toEqual([]);
  });

  it.each([
    ['user', { user: 'jana.keller' }, 'jana.keller'],
    ['user', { user: 'JANA.Keller' }, 'JANA.Keller'],
    ['mail', { mail: 'jana.keller@muster.example' }, 'jana.keller@muster.example'],
    ['mail', { aliases: ['tobias.krueger@muster.example'] }, 'tobias.krueger@muster.example'],
  ])('is not planned with a %s that somebody has: %j', async (field, more, value) => {
    await expect(block.plan(customer.step(), joiner(more))).rejects.toMatchObject({
      code: 'directory.user_exists',
      retryable: false,
      context: { field, value },
    });
  });

  it('is not planned with the name of a leaver, or with an address that is somebody’s alias', async () => {
    await fixture.addPerson('former', { unit: fixture.access.leaversOu });
    await expect(block.plan(customer.step(), joiner({ user: 'former' }))).rejects.toMatchObject({
      code: 'directory.user_exists',
    });
    await created(joiner({ aliases: ['team@muster.example'] }));
    await expect(block.plan(customer.step(), joiner({ mail: 'team@muster.example' }))).rejects.toMatchObject({
      code: 'directory.user_exists',
    });
    expect(await takenUserNames(customer.step(), ['former', 'free.name', 'jana.keller'])).toEqual([
      'former',
      'jana.keller',
    ]);
  });

  it.each([
    ['directory.unit_not_found', { unit: 'ou=nowhere,dc=muster,dc=example' }],
    ['directory.user_not_found', { manager: 'nobody.at.all' }],
  ])('is refused while planning with %s', async (code, more) => {
    await expect(block.plan(customer.step(), joiner(more))).rejects.toMatchObject({ code });
  });

  it.each([
    ['aliases', 'mailAliasAttribute', ['x@muster.example']],
    ['usageLocation', 'usageLocationAttribute', 'DE'],
    ['sponsor', 'sponsorAttribute', 'ulrike.loewe'],
  ])('says that for %s the configuration has to name %s', async (field, setting, value) => {
    const step = withoutConfig(customer.step(), setting);
    await expect(block.plan(step, joiner({ [field]: value }))).rejects.toMatchObject({
      code: 'directory.attribute_not_configured',
      context: { field },
    });
  });

  it('knows its own entry again after a crash, and no other', async () => {
    const input = joiner();
    const effect = await block.plan(customer.step(), input);
    const ending = customer.step({ endsAtHeartbeat: 1 });
    await expect(block.apply(ending, input, effect)).rejects.toThrow();

    const repeat = customer.step({ beforeImage: effect });
    const fresh = await block.plan(repeat, input);
    expect(compareWithApproved(effect, fresh)).toEqual({ kind: 'at_after' });
    const writes = await fixture.writesDuring(() => block.apply(repeat, input, effect));
    expect(writes).toEqual([]);
    expect(await block.verify(repeat, input, effect, null)).toMatchObject({ proven: true });

    // without a before-image this step cannot have written it
    await expect(block.plan(customer.step(), input)).rejects.toMatchObject({ code: 'directory.user_exists' });
    await expect(block.apply(customer.step(), input, effect)).rejects.toMatchObject({ code: 'directory.user_exists' });
  });

  it('takes an entry that somebody else made between planning and writing for what it is', async () => {
    const input = joiner();
    const effect = await block.plan(customer.step(), input);
    const dn = await fixture.addPerson(input.user);
    const repeat = customer.step({ beforeImage: effect });
    await expect(block.plan(repeat, input)).rejects.toMatchObject({ code: 'directory.user_exists' });
    await expect(block.apply(repeat, input, effect)).rejects.toMatchObject({ code: 'directory.user_exists' });
    expect(await fixture.values(dn, 'sn')).toEqual(['Test']);
  });

  it('is not proven when a value is overwritten, or when the name or address is somebody’s too', async () => {
    const overwritten = joiner({ title: 'ours' });
    const first = await created(overwritten);
    await fixture.root.modify(fixture.personDn(overwritten.user), change('replace', 'title', 'theirs'));
    const proof = await block.verify(customer.step(), overwritten, first.effect, first.receipt);
    expect(proof).toMatchObject({ proven: false });
    expect(proof.observed).toContainEqual({ target: expect.any(String), field: 'title', value: ['theirs'] });

    const input = joiner();
    const second = await created(input);
    await fixture.addPerson(input.user, { unit: fixture.access.leaversOu });
    expect(await block.verify(customer.step(), input, second.effect, second.receipt)).toMatchObject({
      proven: false,
      problem: { code: 'directory.user_exists' },
    });
  });

  it('keeps an entry that somebody changed, unless that is to go as well', async () => {
    const input = joiner({ title: 'ours' });
    const { effect, receipt } = await created(input);
    const dn = fixture.personDn(input.user);
    await fixture.root.modify(dn, change('replace', 'title', 'theirs'));
    for (const recorded of [effect, withIdentity(effect, receipt)]) {
      const back = await block.undo(customer.step(), input, recorded, []);
      expect(back).toMatchObject({
        changes: [],
        kept: [{ target: dn, field: 'title', recordedAfter: ['ours'], current: ['theirs'] }],
      });
      const overwrite = [fieldKey(back.kept[0]!, back.identity)];
      expect((await block.undo(customer.step(), input, recorded, overwrite)).changes).toHaveLength(1);
    }
  });

  it('never takes away another entry that got the name', async () => {
    const input = joiner();
    const { effect, receipt } = await created(input);
    const dn = fixture.personDn(input.user);
    await fixture.root.del(dn);
    await fixture.addPerson(input.user);
    for (const recorded of [effect, withIdentity(effect, receipt)])
      expect(await block.undo(customer.step(), input, recorded, [])).toMatchObject({
        changes: [],
        irreversible: expect.stringContaining('another one'),
      });
  });

  describe('when somebody writes exactly between our look and our write', () => {
    let interposer: WriteInterposer;
    let raced: Customer;
    beforeAll(async () => {
      interposer = await WriteInterposer.open(fixture.directory.slapd.port);
      raced = directoryCustomer(fixture.access, { url: interposer.url, insecure: true });
    });
    beforeEach(() => interposer.interpose(() => Promise.resolve()));
    afterAll(() => interposer.close());

    it('writes nothing over an entry that appears', async () => {
      const input = joiner();
      const effect = await block.plan(raced.step(), input);
      interposer.interpose(() => fixture.addPerson(input.user).then(() => undefined));
      await expect(block.apply(raced.step(), input, effect)).rejects.toMatchObject({ code: 'directory.user_exists' });
      expect(await fixture.values(fixture.personDn(input.user), 'sn')).toEqual(['Test']);
    });

    it('does not delete an entry whose name is given to another one', async () => {
      const input = joiner();
      const { effect, receipt } = await created(input);
      const back = await block.undo(raced.step(), input, withIdentity(effect, receipt), []);
      const dn = fixture.personDn(input.user);
      let successor = '';
      interposer.interpose(async (_write, count) => {
        if (count > 1) return;
        await fixture.root.del(dn);
        await fixture.addPerson(input.user);
        successor = await fixture.idOf(dn);
      });
      await block.apply(raced.step(), input, back);
      expect(await fixture.dnOf(successor)).toBe(dn);
    });
  });
});
