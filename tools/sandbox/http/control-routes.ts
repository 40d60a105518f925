import type { IncomingMessage, ServerResponse } from 'node:http';
import { systemClock } from '#libs/kernel';
import { AnswerAlreadyHeld, type HoldStatus } from '../gate/answer-hold.js';
import type { RunningDirectory } from '../directory/directory.js';
import type { SandboxParts } from '../sandbox-parts.js';
import type { HookBehaviour } from './hook-receiver.js';
import { HttpRefusal, optionalNumber, optionalText, readObject, readText } from './request-reading.js';

/** What a route gets to work with. */
export interface RouteCall {
  request: IncomingMessage;
  response: ServerResponse;
  url: URL;
  /** The parts of the path that the route's pattern captures. */
  captured: string[];
  /** Aborts when the client has gone. */
  signal: AbortSignal;
  parts: SandboxParts;
}

/** Marks that a route answers by itself. */
export const answeredByRoute = Symbol('answered by the route');

interface Route {
  method: string;
  path: RegExp;
  handle: (call: RouteCall) => unknown;
}

export const routes: readonly Route[] = [
  { method: 'GET', path: /^\/$/, handle: ({ parts }) => parts.description },
  { method: 'GET', path: /^\/health$/, handle: health },
  { method: 'GET', path: /^\/gate\/([^/]+)\/hold$/, handle: holdStatus },
  { method: 'POST', path: /^\/gate\/([^/]+)\/hold$/, handle: armHold },
  { method: 'DELETE', path: /^\/gate\/([^/]+)\/hold$/, handle: releaseHold },
  { method: 'POST', path: /^\/gate\/([^/]+)\/(offline|online)$/, handle: switchGate },
  { method: 'POST', path: /^\/gate\/([^/]+)\/slow$/, handle: slowGate },
  { method: 'GET', path: /^\/directory\/([^/]+)\/writes$/, handle: writes },
  { method: 'GET', path: /^\/mails$/, handle: mails },
  { method: 'DELETE', path: /^\/mails$/, handle: ({ parts }) => parts.mail.clear() },
  { method: 'POST', path: /^\/mail\/(offline|online)$/, handle: switchMail },
  { method: 'GET', path: /^\/hooks$/, handle: calls },
  { method: 'DELETE', path: /^\/hooks$/, handle: clearCalls },
  { method: 'PUT', path: /^\/hooks\/([^/]+)$/, handle: setHook },
  { method: '*', path: /^\/hooks\/([^/]+)(?:\/.*)?$/, handle: receiveCall },
];

function health({ parts }: RouteCall): { status: 'ok' } {
  const down = [...directoriesOf(parts)].filter(([, directory]) => !directory.isRunning());
  if (down.length > 0) throw new HttpRefusal(503, `a directory is down: ${down.map(([tenant]) => tenant).join(', ')}`);
  return { status: 'ok' };
}

function directoriesOf({ directories }: SandboxParts): Map<string, RunningDirectory> {
  return new Map<string, RunningDirectory>(Object.entries(directories));
}

function directoryOf({ captured: [tenant = ''], parts }: RouteCall): RunningDirectory {
  const directory = directoriesOf(parts).get(tenant);
  if (!directory) throw new HttpRefusal(404, `there is no customer ${tenant}`);
  return directory;
}

async function holdStatus(call: RouteCall): Promise<HoldStatus> {
  const { hold } = directoryOf(call).gate;
  const waitMs = waitOf(call.url);
  return waitMs > 0 ? hold.whenHolding(waitMs, call.signal) : hold.status();
}

async function armHold(call: RouteCall): Promise<HoldStatus> {
  const { gate } = directoryOf(call);
  const body = await readObject(call.request);
  const afterWrites = optionalNumber('afterWrites', body.get('afterWrites'));
  const entry = optionalText('entry', body.get('entry'));
  const attribute = optionalText('attribute', body.get('attribute'));
  try {
    gate.armHold({
      ...(afterWrites === undefined ? {} : { afterWrites }),
      ...(entry === undefined ? {} : { entry }),
      ...(attribute === undefined ? {} : { attribute }),
    });
  } catch (error) {
    if (error instanceof AnswerAlreadyHeld) throw new HttpRefusal(409, error.message);
    throw error;
  }
  return gate.hold.status();
}

function releaseHold(call: RouteCall): HoldStatus {
  const { hold } = directoryOf(call).gate;
  hold.release(call.url.searchParams.get('answer') === 'drop' ? 'drop' : 'deliver');
  return hold.status();
}

async function switchGate(call: RouteCall): Promise<{ online: boolean }> {
  const { gate } = directoryOf(call);
  await (call.captured[1] === 'online' ? gate.online() : gate.offline());
  return { online: gate.isOnline };
}

/** `{ms}` delays every answer, `{writeMs}` those to writes, `{writeEveryMs}` spaces the writes; what is left out ends. */
async function slowGate(call: RouteCall): Promise<{ ms: number; writeMs: number; writeEveryMs: number }> {
  const { gate } = directoryOf(call);
  const body = await readObject(call.request);
  const ms = optionalNumber('ms', body.get('ms')) ?? 0;
  const writeMs = optionalNumber('writeMs', body.get('writeMs')) ?? 0;
  const writeEveryMs = optionalNumber('writeEveryMs', body.get('writeEveryMs')) ?? 0;
  gate.slow(ms);
  gate.slowWrites(writeMs);
  gate.throttleWrites(writeEveryMs);
  return { ms, writeMs, writeEveryMs };
}

function writes(call: RouteCall): unknown {
  const after = call.url.searchParams.get('after') ?? undefined;
  return directoryOf(call).writes(after === undefined ? {} : { after });
}

function mails({ url, parts, signal }: RouteCall): unknown {
  const to = url.searchParams.get('to')?.toLowerCase();
  const since = url.searchParams.get('since');
  return parts.mail.mails.whenSome(
    (mail) =>
      (to === undefined || mail.to.some((address) => address.toLowerCase() === to)) &&
      (since === null || Date.parse(mail.receivedAt) >= Date.parse(since)),
    { count: countOf(url), timeoutMs: waitOf(url), signal },
  );
}

async function switchMail({ captured, parts }: RouteCall): Promise<{ online: boolean }> {
  await (captured[0] === 'online' ? parts.mail.online() : parts.mail.offline());
  return { online: parts.mail.isOnline };
}

function calls({ url, parts, signal }: RouteCall): unknown {
  const name = url.searchParams.get('name');
  const options = { count: countOf(url), timeoutMs: waitOf(url), signal };
  return parts.hooks.calls.whenSome((one) => name === null || one.name === name, options);
}

function clearCalls({ url, parts }: RouteCall): void {
  const name = url.searchParams.get('name');
  parts.hooks.calls.clear((one) => name === null || one.name === name);
}

async function setHook({ captured: [name = ''], request, parts }: RouteCall): Promise<HookBehaviour> {
  const body = await readObject(request);
  const delayMs = optionalNumber('delayMs', body.get('delayMs'));
  const status = optionalNumber('status', body.get('status')) ?? 200;
  if (!Number.isInteger(status) || status < 200 || status > 599) throw new HttpRefusal(400, 'status is no HTTP status');
  const behaviour: HookBehaviour = {
    status,
    ...(body.has('body') ? { body: body.get('body') } : {}),
    ...(delayMs === undefined ? {} : { delayMs }),
    holdOnce: body.get('holdOnce') === true,
  };
  parts.hooks.behave(name, behaviour);
  return behaviour;
}

async function receiveCall({ captured: [name = ''], request, response, parts }: RouteCall): Promise<symbol> {
  const body = await readText(request);
  const { method = '', url: path = '', headers } = request;
  parts.hooks.receive({ name, method, path, headers, body, receivedAt: systemClock.now().toISOString() }, response);
  return answeredByRoute;
}

/** Seconds of `?wait=`, at most a minute, as milliseconds. */
function waitOf(url: URL): number {
  return Math.min(optionalNumber('wait', url.searchParams.get('wait')) ?? 0, 60) * 1_000;
}

const countOf = (url: URL): number => optionalNumber('count', url.searchParams.get('count')) ?? 1;
