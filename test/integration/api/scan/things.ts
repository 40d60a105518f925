import { DEFAULT_POLICY, openRound } from '#libs/approvals';
import { randomBytes } from 'node:crypto';
import { insertInvitation } from '#libs/identity';
import { newId, systemClock } from '#libs/kernel';
import { sql } from 'kysely';
import { hashOfApiKey, newApiKey } from '#libs/platform/access';
import type { Database } from '#libs/platform/database';
import { PersonFactory } from '../../../support/api/people.factory.js';
import { deadLetter, LOCKED, RequestFactory } from '../../../support/api/request.factory.js';

/** Makes what routes are about, in one tenant. Every call makes another. */
export class Things {
  private count = 0;

  constructor(
    readonly admin: Database,
    readonly tenant: string,
  ) {}

  /** A login name that nobody has. */
  user(): string {
    this.count += 1;
    return `u${newId().slice(-6)}.n${this.count}`;
  }

  request(): RequestFactory {
    return RequestFactory.of(this.tenant, `somebody@${this.tenant}`).about(this.user());
  }

  /** A request whose plan waits for approval. */
  plannedRequest(): Promise<{ id: string; planHash: string }> {
    return this.request().planned().in(this.admin);
  }

  /** A planned request that also waits for a second person. */
  async doubtfulRequest(): Promise<{ id: string; planHash: string }> {
    const made = await this.request().planned().with({ needs_second_person: true }).in(this.admin);
    const confirmations = JSON.stringify([{ code: 'directory.user_privileged', text: 'A member of Domain Admins.' }]);
    await this.admin.updateTable('plans').set({ confirmations }).where('request_id', '=', made.id).execute();
    return made;
  }

  /** A request whose run waits at a manual step. */
  async openRun(): Promise<{ id: string; runId: string; stepId: string }> {
    const { id, runId } = await this.request().inStatus('running').withRun('waiting').in(this.admin);
    const stepId = 'hand_in_laptop';
    const step = { block: 'manual.task', verb: 'apply', system: 'people', status: 'running' } as const;
    await this.admin
      .insertInto('run_steps')
      .values({ tenant_id: this.tenant, run_id: runId, step_id: stepId, position: 0, title: 'Laptop', ...step })
      .execute();
    return { id, runId, stepId };
  }

  /** A run that locked an account and ended. */
  endedRun(): Promise<{ id: string; runId: string }> {
    return this.request().inStatus('closed').withRun('completed').wrote('disable_sign_in', LOCKED).in(this.admin);
  }

  async contact(): Promise<string> {
    const row = {
      tenant_id: this.tenant,
      id: newId(),
      name: 'Ina',
      role: 'technical',
      external_references: '{}',
    } as const;
    await this.admin
      .insertInto('contacts')
      .values({ ...row, changed_by: 'x' })
      .execute();
    return row.id;
  }

  /** A ticket that an administrator of the customer opened. */
  async ticket(status: 'new' | 'closed' = 'new'): Promise<string> {
    this.count += 1;
    const id = newId();
    const { last: number } = await this.admin
      .insertInto('ticket_numbers')
      .values({ tenant_id: this.tenant, last: 1 })
      .onConflict((conflict) => conflict.column('tenant_id').doUpdateSet({ last: sql`ticket_numbers.last + 1` }))
      .returning('last')
      .executeTakeFirstOrThrow();
    const by = `customer_admin@${this.tenant}`;
    const ended = status === 'closed' ? { resolved_at: sql<Date>`now()`, closed_at: sql<Date>`now()` } : {};
    const words = { type: 'incident', work_class: 'incident', impact: 'medium', urgency: 'medium', priority: 'medium' };
    await this.admin
      .insertInto('tickets')
      .values({
        ...{ tenant_id: this.tenant, id, number, subject: `The printer of ${this.user()} prints blank pages`, status },
        ...{ requester: by, opened_by: by, ...words, ...ended },
      })
      .execute();
    const opened = { tenant_id: this.tenant, ticket_id: id, sequence: 1, kind: 'opened', public: true };
    await this.admin
      .insertInto('ticket_entries')
      .values({ ...opened, by, by_kind: 'customer' })
      .execute();
    return id;
  }

  /** A mail that came in: it waits for a decision, unless somebody put it away. */
  async incomingMail(outcome: 'quarantined' | 'rejected' = 'quarantined'): Promise<string> {
    const id = newId();
    const none = { result: 'none', domain: null };
    const proof = { spf: none, dkim: [], dmarc: { ...none, policy: null }, arc: none, proven: false, why: 'x' };
    const words = { subject: `A mail of ${this.user()}`, text: 'Words.', new_text: 'Words.', size: 10 };
    const decided = outcome === 'rejected' ? { decided_by: 'x', decided_at: sql<Date>`now()` } : {};
    await this.admin
      .insertInto('incoming_mails')
      .values({
        ...{ tenant_id: this.tenant, id, fingerprint: randomBytes(32), source: 'smtp', recipients: ['a@b.example'] },
        ...{
          from_address: 'mail@b.example',
          ...words,
          proof: JSON.stringify(proof),
          proven: false,
          outcome,
          ...decided,
        },
      })
      .execute();
    const original = Buffer.from('Subject: A mail\r\n\r\nWords.\r\n');
    await this.admin
      .insertInto('incoming_mail_originals')
      .values({ tenant_id: this.tenant, mail_id: id, original })
      .execute();
    return id;
  }

  /** A mailbox that is not read. */
  async mailbox(): Promise<string> {
    const id = newId();
    const place = { host: 'imap.example', port: 993, encryption: 'tls', folder: 'INBOX', enabled: false } as const;
    await this.admin
      .insertInto('ticket_mailboxes')
      .values({
        ...{ tenant_id: this.tenant, id, name: `Mailbox of ${this.user()}`, user_name: 'x', changed_by: 'x' },
        ...{ ...place, secret_ref: 'secret://mailbox-x' },
      })
      .execute();
    return id;
  }

  /** A question to approvers about a plan. */
  async approval(): Promise<string> {
    const { id: requestId, planHash: hash } = await this.plannedRequest();
    const subject = { tenant: this.tenant, kind: 'plan', id: requestId, revision: 1, hash, requestId };
    return this.admin
      .transaction()
      .execute((tx) => openRound(tx, { ...subject, process: 'offboarding', startsAt: null }));
  }

  async approvalPolicy(): Promise<void> {
    const row = { tenant_id: this.tenant, process: 'mover', version: 1, created_by: `customer_admin@${this.tenant}` };
    await this.admin
      .insertInto('approval_policies')
      .values({ ...row, body: JSON.stringify(DEFAULT_POLICY) })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
  }

  async delegation(): Promise<string> {
    const id = newId();
    const who = { delegator: `somebody@${this.tenant}`, delegate: `approver@${this.tenant}`, reason: 'Holidays.' };
    const row = { tenant_id: this.tenant, id, ...who, valid_from: '2030-01-01', valid_until: '2030-01-08' };
    await this.admin
      .insertInto('approval_delegations')
      .values({ ...row, set_by: `customer_admin@${this.tenant}`, ended_by: null })
      .execute();
    return id;
  }

  deadLetter(): Promise<string> {
    return deadLetter(this.admin, this.tenant);
  }

  /** A key that an SSH server showed and nobody trusts. */
  async hostKey(): Promise<string> {
    const id = newId();
    const fingerprint = `SHA256:${randomBytes(32).toString('base64').replace('=', '')}`;
    const shown = { host: 'fw1.example', port: 22, fingerprint, algorithm: 'ssh-ed25519' };
    await this.admin
      .insertInto('ssh_host_keys')
      .values({ tenant_id: this.tenant, id, ...shown, first_seen_at: systemClock.now() })
      .execute();
    return id;
  }

  /** A session of a person, made without an issuer. */
  async session(): Promise<{ personId: string; id: string }> {
    const { id: personId } = await this.person();
    const id = newId();
    await this.admin
      .insertInto('sessions')
      .values({
        tenant_id: this.tenant,
        id,
        token_hash: randomBytes(32),
        person_id: personId,
        method: 'passkey',
        provider_id: null,
        issuer_sid: null,
        issuer_subject: null,
        second_factor: true,
        user_agent: 'Firefox',
        idle_minutes: 60,
        expires_at: sql<Date>`now() + interval '1 hour'`,
        refresh_token: null,
        id_token: null,
      })
      .execute();
    return { personId, id };
  }

  /** Who a person is at an identity provider. */
  async identity(): Promise<{ personId: string; provider: string }> {
    const { id: personId } = await this.person();
    const provider = await this.identityProvider();
    const { id: provider_id } = await this.admin
      .selectFrom('identity_providers')
      .select('id')
      .where('tenant_id', '=', this.tenant)
      .where('name', '=', provider)
      .executeTakeFirstOrThrow();
    const identity = { tenant_id: this.tenant, provider_id, subject: newId(), person_id: personId };
    await this.admin.insertInto('person_identities').values(identity).execute();
    return { personId, provider };
  }

  /** An alarm that nobody acknowledged, about somebody who did not get in. */
  async alarm(): Promise<string> {
    const { id: person_id } = await this.person();
    const row = { tenant_id: this.tenant, id: newId(), person_id, session_id: null, refusal: 'locked', event_ids: [] };
    await this.admin
      .insertInto('alarms')
      .values({ ...row, kind: 'emergency_account.refused' })
      .execute();
    return row.id;
  }

  /** What is kept of a certificate of a customer that the MSP has erased. */
  async keptCertificate(): Promise<{ id: string; run: string }> {
    const [id, run] = [newId(), newId()];
    const customer = `gone${id.slice(-12)}`;
    const proof = JSON.stringify({
      run: { process: 'offboarding', outcome: 'completed', endedAt: null },
      certificate: { sha256: '00' },
    });
    await sql`INSERT INTO tenants (id, kind, name, time_zone, status) VALUES (${customer}, 'customer', ${customer}, 'UTC', 'erased')`.execute(
      this.admin,
    );
    await sql`INSERT INTO tenant_erasures (tenant_id, id, customer, offboarding_id, reason, requested_by, confirmed_by)
      VALUES (msp_tenant(), ${id}, ${customer}, ${newId()}, 'x', 'owner@msp', 'second@msp')`.execute(this.admin);
    await this.admin.insertInto('run_proofs').values({ tenant_id: customer, run_id: run, proof }).execute();
    return { id, run };
  }

  /** An invitation that nobody accepted yet. */
  async invitation(): Promise<string> {
    const id = newId();
    const who = { mail: `${this.user()}@firma.example`, name: 'Gerda Gast', language: 'de', grants: [] } as const;
    const how = {
      source: 'invitation',
      byMail: true,
      invitedBy: `customer_admin@${this.tenant}`,
      validDays: 7,
    } as const;
    const row = { tenant: this.tenant, id, personId: newId(), ...who, ...how };
    await this.admin.transaction().execute((tx) => insertInvitation(tx, row));
    return id;
  }

  /** Somebody with a passkey. */
  async passkey(): Promise<{ personId: string; id: string }> {
    const { id: person_id } = await this.person();
    const id = newId();
    const keys = { credential_id: randomBytes(32), public_key: randomBytes(77), counter: 0, backed_up: false };
    await this.admin
      .insertInto('passkeys')
      .values({ tenant_id: this.tenant, id, person_id, name: 'The laptop', ...keys })
      .execute();
    return { personId: person_id, id };
  }

  /** The name of an identity provider that takes tokens. */
  async identityProvider(): Promise<string> {
    const name = `p${newId().slice(-12)}`;
    const lists = { scopes: ['openid'], roles: [], algorithms: ['RS256'], secondFactor: { acr: [], amr: ['mfa'] } };
    const claims = { subject: 'sub', userName: 'preferred_username', name: 'name', mail: 'email', groups: 'groups' };
    const settings = { ...lists, claims, justInTime: true, sessionIdleMinutes: 60, sessionHours: 12 };
    await this.admin
      .insertInto('identity_providers')
      .values({
        tenant_id: this.tenant,
        id: newId(),
        name,
        issuer: `https://${name}.example`,
        client_id: 'stellwerk',
        secret_ref: null,
        api_audience: 'urn:stellwerk:api',
        tenant_claim: null,
        tenant_claim_value: null,
        settings: JSON.stringify(settings),
        enabled: false,
        set_by: 'owner@msp',
      })
      .execute();
    return name;
  }

  /** A webhook that was told of something, with a secret that nobody can open. */
  async webhook(): Promise<string> {
    const id = newId();
    const row = { tenant_id: this.tenant, id, url: 'https://psa.example/hook', created_by: 'owner@msp' };
    const eventTypes = ['de.stellwerk.process.run.ended.v1'];
    await this.admin
      .insertInto('webhook_subscriptions')
      .values({ ...row, event_types: eventTypes, description: 'The PSA.' })
      .execute();
    const sealed = { key_id: 'k1', wrapped_key: randomBytes(60), ciphertext: randomBytes(60) };
    await this.admin
      .insertInto('webhook_secrets')
      .values({ tenant_id: this.tenant, subscription_id: id, id: newId(), ...sealed })
      .execute();
    await this.deliveryOf(id, 'delivered');
    return id;
  }

  /** A message to a receiver. */
  async delivery(status: 'pending' | 'failed'): Promise<string> {
    return this.deliveryOf(await this.webhook(), status);
  }

  private async deliveryOf(subscription: string, status: string): Promise<string> {
    const id = newId();
    const message = { message_id: `msg_${id}`, event_id: newId(), event_type: 'de.stellwerk.process.run.ended.v1' };
    const now = systemClock.now();
    await this.admin
      .insertInto('webhook_deliveries')
      .values({
        ...{ tenant_id: this.tenant, id, subscription_id: subscription, ...message, occurred_at: now },
        ...{ data: JSON.stringify({ runId: newId() }), reason: 'event', status, code: 'ECONNREFUSED', attempts: 1 },
        ...{ ended_at: status === 'pending' ? null : now, requested_by: 'owner@msp' },
      })
      .execute();
    await this.admin
      .insertInto('webhook_attempts')
      .values({ tenant_id: this.tenant, delivery_id: id, attempt: 1, code: 'ECONNREFUSED', duration_ms: 3 })
      .execute();
    return id;
  }

  async protectedAccount(): Promise<string> {
    const user = this.user();
    const row = { tenant_id: this.tenant, user_name: user, note: 'The keys to everything.', identity: null };
    await this.admin
      .insertInto('protected_accounts')
      .values({ ...row, kind: 'director', rule: 'refuse', set_by: 'owner@msp' })
      .execute();
    return user;
  }

  /** A key of a machine. */
  async apiKey(): Promise<string> {
    const id = newId();
    const row = { tenant_id: this.tenant, id, role: 'auditor', subject: `key.${id.slice(-12)}@${this.tenant}` };
    await this.admin
      .insertInto('api_keys')
      .values({ ...row, name: 'A backup that nobody restores.', key_hash: hashOfApiKey(newApiKey()) })
      .execute();
    return id;
  }

  /** Somebody whom an administrator keeps out. */
  async lockedPerson(): Promise<string> {
    const { id } = await this.person();
    await this.admin.updateTable('people').set({ status: 'locked' }).where('id', '=', id).execute();
    return id;
  }

  /** Somebody who signs in, with a role. */
  async person(): Promise<{ id: string; grantId: string }> {
    const id = await PersonFactory.at(this.tenant).named(this.user()).granted('approver', 'home').in(this.admin);
    const grant = this.admin.selectFrom('role_grants').select('id').where('person_id', '=', id);
    return { id, grantId: (await grant.executeTakeFirstOrThrow()).id };
  }
}
