import { readFileSync } from 'node:fs';
import type { BlockContext, BlockLinks, StepName, SystemConnection } from '#libs/connectors';
import { type Effect, newId, systemClock } from '#libs/kernel';
import { OUTGOING_PROTOCOLS, OutgoingGuard, type OutgoingPolicy } from '#libs/platform/outgoing';
import type { OneTimeLink } from '#libs/platform/secrets';
import type { DirectoryAccess } from '../../../tools/sandbox/index.js';
import { mailboxSettings } from '../../../tools/sandbox/directory/mailbox-schema.js';

/** What a test may set of a step's context. */
export interface StepOptions {
  readonly stepId?: string;
  readonly expectedIdentity?: string | null;
  readonly beforeImage?: Effect | null;
  readonly approved?: Effect | null;
  /** The step's worker ends at this heartbeat, counted from 1. */
  readonly endsAtHeartbeat?: number;
}

/** Customers' systems are tested without our own database. */
const absent = (): never => {
  throw new Error('This test has no portal.');
};
const NO_PORTAL: BlockContext['portal'] = { find: absent, close: absent, giveBack: absent };

/** The systems of these tests are on this machine, which has to be allowed. */
const LOOPBACK: OutgoingPolicy = {
  allowances: ['127.0.0.0/8', '::1/128'].map((cidr) => ({
    ...{ host: null, cidr, ports: null },
    protocols: OUTGOING_PROTOCOLS,
  })),
  publicAddresses: 'listed',
};

const RUN = '019a0000-0000-7000-8000-000000000001';

/** The customer's side of a test: its systems' secrets and what its steps have sealed, which outlives a crash. */
export class Customer {
  readonly secrets = new Map<string, string>();
  readonly sealed = new Map<string, string>();
  /** References that the system let us in with, in their order. */
  readonly signIns: string[] = [];
  readonly links = new Map<string, OneTimeLink>();

  constructor(
    private readonly system: SystemConnection,
    private readonly policy: OutgoingPolicy = LOOPBACK,
  ) {}

  /** The context of one attempt of a step. */
  step({
    stepId = 'step',
    expectedIdentity = null,
    beforeImage = null,
    approved = null,
    endsAtHeartbeat,
  }: StepOptions = {}): BlockContext {
    const ending = new AbortController();
    let heartbeats = 0;
    return {
      tenant: this.system.tenant,
      runId: RUN,
      stepId,
      idempotencyKey: `${this.system.tenant}/${RUN}/${stepId}`,
      system: this.system,
      secrets: {
        resolve: (reference) => this.resolve(reference),
        signedIn: (reference) => Promise.resolve(void this.signIns.push(reference)),
        // like the sealed store: `make` runs each time, the first value stays
        sealOnce: (name, make) => {
          const key = `${stepId}/${name}`;
          const drawn = make();
          if (!this.sealed.has(key)) this.sealed.set(key, drawn);
          return Promise.resolve(this.sealed.get(key)!);
        },
        sealedBy: (step, name) => Promise.resolve(this.sealed.get(`${step}/${name}`) ?? null),
      },
      links: this.linksOf({ runId: RUN, stepId }),
      portal: NO_PORTAL,
      outgoing: new OutgoingGuard(this.policy),
      expectedIdentity,
      beforeImage,
      approved,
      signal: ending.signal,
      heartbeat: () => {
        heartbeats += 1;
        if (heartbeats === endsAtHeartbeat) ending.abort(new WorkerEnded());
      },
      now: () => systemClock.now(),
    };
  }

  /** Like the table of links, but without content: that needs a run in a database. */
  private linksOf({ runId, stepId }: StepName): BlockLinks {
    const key = (step: StepName): string => `${step.runId}/${step.stepId}`;
    const find = (id: string) => [...this.links.values()].find((link) => link.id === id) ?? null;
    return {
      offer: ({ token, validHours }) => {
        const now = systemClock.now();
        const expiresAt = new Date(now.getTime() + validHours * 3_600_000);
        const place = { tenant: this.system.tenant, id: newId(), runId, stepId };
        const made = { ...place, state: 'open' as const, createdAt: now, expiresAt, collectedAt: null };
        const link = this.links.get(key({ runId, stepId })) ?? made;
        this.links.set(key({ runId, stepId }), link);
        return Promise.resolve({ ...link, url: `http://127.0.0.1:1/hand-over/${token}`, timeZone: 'Europe/Berlin' });
      },
      find: (id) => Promise.resolve(find(id)),
      ofStep: (step) => Promise.resolve(this.links.get(key(step)) ?? null),
      revoke: (id) => {
        const link = find(id);
        if (link) this.links.set(key(link), { ...link, state: 'revoked' });
        return Promise.resolve(find(id));
      },
    };
  }

  private resolve(reference: string): Promise<string> {
    const value = this.secrets.get(reference);
    return value === undefined ? Promise.reject(new Error(`${reference} is not known`)) : Promise.resolve(value);
  }
}

/** The same step, had somebody left out a part of the system's configuration. */
export function withoutConfig(context: BlockContext, name: string): BlockContext {
  const config = Object.fromEntries(Object.entries(context.system.config).filter(([key]) => key !== name));
  return { ...context, system: { ...context.system, config } };
}

/** Stands for the end of a worker in the middle of a step. */
export class WorkerEnded extends Error {}

/** A customer whose directory is the sandbox's, as Stellwerk's configuration describes it. */
export function directoryCustomer(access: DirectoryAccess, config: SystemConnection['config'] = {}): Customer {
  const { ldaps, bindDn, bindPassword, baseDn, peopleOu, leaversOu, groupsOu, standInMember, caFile } = access;
  const customer = new Customer({
    tenant: 'muster',
    name: 'directory',
    kind: 'ldap',
    config: {
      url: ldaps,
      caPem: readFileSync(caFile, 'utf8'),
      bindDn,
      baseDn,
      peopleOu,
      leaversOu,
      groupsOu,
      standInMember,
      passwordPolicyDn: `cn=default,ou=policies,${baseDn}`,
      dialect: 'openldap',
      ...mailboxSettings,
      ...config,
    },
    secretRef: 'secret://directory-bind',
  });
  customer.secrets.set('secret://directory-bind', bindPassword);
  return customer;
}
