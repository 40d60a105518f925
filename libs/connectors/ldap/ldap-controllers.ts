import { createHash } from 'node:crypto';
import type { Json, JsonObject } from '#libs/kernel';
import type { Destination, OutgoingGuard } from '#libs/platform/outgoing';
import type { Block, BlockContext } from '../block.js';
import { networkFailure } from '../network-failure.js';

/** One server of a directory: its URL as configured, and which of the addresses behind that name. */
export interface Controller {
  /** As configured: the name that the server's certificate must be for. */
  readonly url: string;
  /** An IP address. */
  readonly address: string;
}

/** Where a step's receipt holds the server that was written to. */
const RECEIPT_FIELD = 'controller';
const PIN = Symbol('the controller of a step');
const PLANNING = Symbol('a plan is being drawn');

/** What a step has to use, and what it used. */
interface Pin {
  readonly required: Controller | null;
  used: Controller | null;
}

type PinnedContext = BlockContext & { readonly [PIN]?: Pin; readonly [PLANNING]?: true };

/**
 * A block as every block against a directory has to be. It reads back from the very server it wrote to: replicas learn of a
 * change later, and another one's old value would look like a failure (its new one, once it is there, would prove nothing
 * about ours). The receipt names the server, and `verify` uses no other. And its plans tell of privileged users.
 */
export function directoryBlock<Input extends JsonObject>(block: Block<Input>): Block<Input> {
  const { plan, apply, verify, undo } = block;
  const wrapped: Pick<Block<Input>, 'plan' | 'apply' | 'verify' | 'undo'> = {
    plan: (context, input) => plan(whilePlanning(context), input),
    undo: (context, input, recorded, overwrite) => undo(whilePlanning(context), input, recorded, overwrite),
    apply: async (context, input, effect) => {
      const pin: Pin = { required: null, used: null };
      const receipt = (await apply(withPin(context, pin), input, effect)) ?? {};
      return pin.used ? { ...receipt, [RECEIPT_FIELD]: { ...pin.used } } : receipt;
    },
    verify: (context, input, effect, receipt) => {
      const required = controllerOf(receipt);
      return verify(withPin(context, { required, used: null }), input, effect, receipt);
    },
  };
  return { ...block, ...wrapped };
}

/** Whether what is being done is a plan, whose effect people will look at. */
export function isPlanning(context: BlockContext): boolean {
  return (context as PinnedContext)[PLANNING] === true;
}

/**
 * The servers to try, in order. A step that has written reads from the server that its receipt names and from no other.
 * Without one, every step of a run prefers the same server, so that a later step sees what an earlier one wrote.
 * Throws `SystemUnreachable` when no name can be resolved, and what the guard throws when none may be connected to.
 */
export async function controllersFor(
  context: Pick<BlockContext, 'tenant' | 'runId' | 'outgoing'>,
  urls: readonly string[],
): Promise<readonly Controller[]> {
  const required = (context as Partial<PinnedContext>)[PIN]?.required ?? null;
  if (required && urls.includes(required.url)) return [required];
  const preference = ({ address, url }: Controller): string =>
    createHash('sha256').update(`${context.tenant}/${context.runId} ${url} ${address}`).digest('hex');
  const all = await resolveAll(context.outgoing, urls);
  return all
    .map((one) => ({ one, by: preference(one) }))
    .sort((a, b) => (a.by < b.by ? -1 : 1))
    .map(({ one }) => one);
}

/** Notes the server that a step uses. */
export function noteController(context: BlockContext, controller: Controller): void {
  const pin = (context as PinnedContext)[PIN];
  if (pin) pin.used = controller;
}

async function resolveAll(guard: OutgoingGuard, urls: readonly string[]): Promise<readonly Controller[]> {
  const found = await Promise.allSettled(urls.map((url) => resolve(guard, url)));
  const controllers = found.flatMap((one) => (one.status === 'fulfilled' ? one.value : []));
  const failed = found.find((one) => one.status === 'rejected');
  if (controllers.length === 0 && failed) throw networkFailure(failed.reason, urls.join(' ')) ?? failed.reason;
  return controllers;
}

async function resolve(guard: OutgoingGuard, url: string): Promise<readonly Controller[]> {
  const addresses = await guard.resolve(destinationOf(url));
  return [...new Set(addresses.map(({ address }) => address))].map((address) => ({ url, address }));
}

/** Where a directory's URL leads. */
export function destinationOf(url: string): Destination {
  const { port, protocol } = new URL(url);
  return { host: hostOf(url), port: Number(port) || (protocol === 'ldaps:' ? 636 : 389), protocol: 'ldap' };
}

/** The host of a URL, an IPv6 address without its brackets. */
export function hostOf(url: string): string {
  return new URL(url).hostname.replace(/^\[|\]$/g, '');
}

function withPin(context: BlockContext, pin: Pin): PinnedContext {
  return { ...context, heartbeat: () => context.heartbeat(), now: () => context.now(), [PIN]: pin };
}

function whilePlanning(context: BlockContext): PinnedContext {
  return { ...context, heartbeat: () => context.heartbeat(), now: () => context.now(), [PLANNING]: true };
}

function controllerOf(receipt: JsonObject | null): Controller | null {
  const found: Json | undefined = receipt?.[RECEIPT_FIELD];
  if (typeof found !== 'object' || found === null || Array.isArray(found)) return null;
  const { url, address } = found as { readonly url?: Json; readonly address?: Json };
  return typeof url === 'string' && typeof address === 'string' ? { url, address } : null;
}
