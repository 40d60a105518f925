import {
  PEOPLE,
  peopleSystem,
  PORTAL,
  portalSystem,
  type Block,
  type BlockContext,
  type BlockLinks,
  type SystemConnection,
} from '#libs/connectors';
import { type Effect, type JsonObject, systemClock } from '#libs/kernel';
import { PortalAccounts } from '#libs/platform/access';
import { inTenants, TenantGatherings, type Database, type Reply } from '#libs/platform/database';
import { OutgoingGuards } from '#libs/platform/outgoing';
import type { OneTimeLinks, SealedValues, SecretUse, VersionedSecrets } from '#libs/platform/secrets';
import { BlockUnknown, SystemNotConfigured } from './process-errors.js';
import { SignIns } from './sign-ins.js';

/** How an activity reports life and learns that it should end. */
export interface Pulse {
  readonly signal: AbortSignal;
  /** Counts the tries of this activity from 1. */
  readonly attempt: number;
  heartbeat(): void;
  /** An answer came: what waits is not standing still. */
  progress?(): void;
}

/** Where a block runs: the run (or, while planning, the request) and the step. */
export interface StepPlace {
  readonly tenant: string;
  readonly runId: string;
  readonly stepId: string;
  readonly system: string;
  readonly expectedIdentity: string | null;
  /** The system's connection, when it was read already. */
  readonly connection?: SystemConnection | undefined;
  /** What the run found before its first write, once that is on record. */
  readonly beforeImage?: Effect | null;
  /** The step that this one takes back; `runId` null: of the same run. */
  readonly takesBack?: { readonly runId: string | null; readonly stepId: string } | null;
}

/** Finds blocks and the customers' systems, and makes the context that a block runs in. */
export class StepSystems {
  private readonly portal: PortalAccounts;
  private readonly guards: OutgoingGuards;
  private readonly signIns: SignIns;
  private readonly connections: TenantGatherings<string, SystemConnection>;
  /** Which step used which secret within an activity: told once, however often it connects. */
  private readonly told = new WeakMap<Pulse, Set<string>>();

  constructor(
    private readonly database: Database,
    private readonly blocks: ReadonlyMap<string, Block>,
    private readonly secrets: VersionedSecrets,
    private readonly sealed: SealedValues,
    private readonly links: OneTimeLinks,
  ) {
    this.portal = new PortalAccounts(database);
    this.guards = new OutgoingGuards(database);
    this.signIns = new SignIns(database);
    // the steps of a plan are drawn side by side and ask for the same few systems
    this.connections = new TenantGatherings({ most: 100 }, (tenant, names) => this.connectionsTo(tenant, names));
  }

  /** Throws `BlockUnknown`. */
  block(name: string): Block {
    const block = this.blocks.get(name);
    if (!block) throw new BlockUnknown(`The building block ${name} is not in the catalogue of this version.`);
    return block;
  }

  /** Throws `SystemNotConfigured`. */
  async context(place: StepPlace, pulse: Pulse): Promise<BlockContext> {
    const { tenant, runId, stepId } = place;
    const key = `${tenant}/${runId}/${stepId}`;
    const system = place.connection ?? (await this.system(tenant, place.system));
    return {
      tenant,
      runId,
      stepId,
      idempotencyKey: key,
      system,
      secrets: {
        ...this.credentials(system, (reference) => this.firstUse(place, pulse, reference)),
        sealOnce: (name, make) => this.sealed.sealOnce(tenant, key, name, make),
        sealedBy: (step, name) => this.sealed.read(tenant, `${tenant}/${runId}/${step}`, name),
      },
      links: this.linksOf(place),
      portal: this.portal,
      outgoing: this.guards.of(tenant),
      takesBack: place.takesBack ? { ...place.takesBack, runId: place.takesBack.runId ?? runId } : null,
      expectedIdentity: place.expectedIdentity,
      beforeImage: place.beforeImage ?? null,
      signal: pulse.signal,
      heartbeat: () => pulse.heartbeat(),
      progress: () => pulse.progress?.(),
      now: () => systemClock.now(),
    };
  }

  /** The step's own secrets, and that its system let us in by one. */
  private credentials(
    system: SystemConnection,
    useOf: (reference: string) => SecretUse | null,
  ): Pick<BlockContext['secrets'], 'resolve' | 'signedIn'> {
    const versions = new Map<string, string | null>();
    return {
      resolve: async (reference) => {
        const { value, versionId } = await this.secrets.find(system.tenant, reference, useOf(reference));
        versions.set(reference, versionId);
        return value;
      },
      signedIn: (reference) => this.signIns.note(system, versions.get(reference) ?? null),
    };
  }

  private firstUse({ runId, stepId }: StepPlace, pulse: Pulse, reference: string): SecretUse | null {
    const told = this.told.get(pulse) ?? new Set<string>();
    this.told.set(pulse, told);
    const key = `${stepId} ${reference}`;
    if (told.has(key)) return null;
    told.add(key);
    return { runId, stepId, attempt: pulse.attempt };
  }

  private linksOf({ tenant, runId, stepId }: StepPlace): BlockLinks {
    return {
      offer: (link) => this.links.offer({ tenant, runId, stepId, ...link }),
      find: (id) => this.links.find(tenant, id),
      ofStep: (step) => this.links.ofStep(tenant, step.runId, step.stepId),
      revoke: (id) => this.links.revoke(tenant, id),
    };
  }

  private system(tenant: string, name: string): Promise<SystemConnection> | SystemConnection {
    if (name === PEOPLE) return peopleSystem(tenant);
    if (name === PORTAL) return portalSystem(tenant);
    return this.connections.ask(tenant, name);
  }

  private async connectionsTo(tenant: string, names: readonly string[]): Promise<Reply<SystemConnection>[]> {
    const rows = await inTenants(this.database, [tenant], (tx) =>
      tx
        .selectFrom('systems')
        .selectAll()
        .where('tenant_id', '=', tenant)
        .where('name', 'in', [...new Set(names)])
        .execute(),
    );
    const found = new Map(
      rows.map(({ name, kind, config, secret_ref: secretRef }) => [
        name,
        { tenant, name, kind, config: config as JsonObject, secretRef },
      ]),
    );
    return names.map((name) => {
      const connection = found.get(name);
      return connection ? { answer: connection } : { error: notConfigured(tenant, name) };
    });
  }
}

function notConfigured(tenant: string, system: string): SystemNotConfigured {
  const message = `${tenant} has no system called ${system}. Add it to the customer's systems.`;
  return new SystemNotConfigured(message, { context: { system } });
}
