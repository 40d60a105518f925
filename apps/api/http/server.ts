import type { Socket } from 'node:net';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { HttpConfig } from '#libs/platform/config';
import type { Logger } from '#libs/platform/observability';
import type { CallLimits } from '../limits/call-limits.js';
import { callerOf } from '../access/caller.js';
import { decodeUtf8, parseBody, parseForm } from './body-parser.js';
import { answerBrokenRequest } from './broken-request.js';
import { commonHeaders } from './common-headers.js';
import { takeFiles } from './file-body.js';
import { FORM_ADDRESSES } from './form-addresses.js';
import { UnsupportedMediaType } from './http.errors.js';
import { ProblemFilter } from './problem.filter.js';
import { requestIdOf } from './request-id.js';
import { IMPORT_ADDRESS, limitSizes } from './request-size.js';
import { RouteTable } from './route-table.js';
import { HAND_OVER_ADDRESS, loggedPath } from './secret-addresses.js';
import { CALLBACK_ADDRESS } from './signed-addresses.js';

const REQUEST_TIMEOUT_MS = 30_000;
const TIMEOUT_LOOK_MS = 2_000;
const MOST_HEADER_BYTES = 16_384;

/** The HTTP server below the controllers, with what holds for every call. */
export interface HttpServer {
  readonly adapter: FastifyAdapter;
  readonly problems: ProblemFilter;
  readonly limits: CallLimits;
  /** From now on every answer closes its connection, so that the server can stop as soon as the last one is out. */
  drain(): void;
}

export function createHttpServer(config: HttpConfig, logger: Logger, limits: CallLimits): HttpServer {
  const { behindTls = false, requestTimeoutMs: requestTimeout = REQUEST_TIMEOUT_MS } = config;
  const routes = new RouteTable();
  const problems = new ProblemFilter(logger, routes, behindTls);
  const state = { draining: false };
  const adapter = new FastifyAdapter({
    bodyLimit: config.bodyLimitBytes,
    genReqId: requestIdOf,
    // X-Forwarded-For says where a call comes from only where a proxy of ours wrote it
    trustProxy: config.trustedProxies?.length ? [...config.trustedProxies] : false,
    requestTimeout,
    // Node looks for requests that take too long every so often only
    http: {
      maxHeaderSize: MOST_HEADER_BYTES,
      requestTimeout,
      headersTimeout: requestTimeout,
      connectionsCheckingInterval: Math.min(TIMEOUT_LOOK_MS, requestTimeout),
    },
    forceCloseConnections: 'idle',
    return503OnClosing: false,
    routerOptions: { maxParamLength: 200 },
    frameworkErrors: (error: Error, request: FastifyRequest, reply: FastifyReply) =>
      problems.answer(error, request, reply),
    clientErrorHandler: (error: Error, socket: Socket) => answerBrokenRequest(error, socket, behindTls),
  });
  const server = adapter.getInstance<FastifyInstance>();
  takeBodies(server);
  server.addHook('onRoute', (route) => [route.method].flat().forEach((method) => routes.add(method, route.path)));
  server.addHook('onRequest', (request, reply, done) => {
    void reply.headers(commonHeaders(request, behindTls));
    if (state.draining) void reply.header('connection', 'close');
    done();
  });
  server.addHook('onSend', (_request, reply, payload, done) => {
    if (state.draining) void reply.header('connection', 'close');
    done(null, payload);
  });
  limitSizes(server, config.bodyLimitBytes);
  limits.watch(server);
  logAnswers(server, logger, problems);
  return { adapter, problems, limits, drain: () => void (state.draining = true) };
}

/** JSON everywhere; a file of requests is a text, an attachment bytes; the forms of one-time links have no fields, those of mailed links few. */
function takeBodies(server: FastifyInstance): void {
  server.removeAllContentTypeParsers();
  // what is signed is the bytes: the one who checks the signature reads them afterwards
  take(server, 'application/json', (bytes, address) => (address === CALLBACK_ADDRESS ? bytes : parseBody(bytes)));
  take(server, 'text/csv', (bytes, address) => (address === IMPORT_ADDRESS ? decodeUtf8(bytes) : refuseType()));
  take(server, 'application/x-www-form-urlencoded', (bytes, address) => {
    // a browser names a content type also where the form has no fields
    if (address === HAND_OVER_ADDRESS && bytes.length === 0) return undefined;
    return FORM_ADDRESSES.includes(address) ? parseForm(bytes) : refuseType();
  });
  takeFiles(server);
  take(server, '*', refuseType);
}

type ParseAt = (bytes: Buffer, address: string | undefined) => unknown;

function take(server: FastifyInstance, type: string, parse: ParseAt): void {
  server.addContentTypeParser(type, { parseAs: 'buffer' }, ({ is404, routeOptions }, bytes, done) => {
    // where there is nothing, or nothing for this method, that is what has to be said, not what is wrong with the body
    if (is404) return done(null, undefined);
    try {
      done(null, parse(bytes as Buffer, routeOptions.url));
    } catch (error) {
      done(error as Error);
    }
  });
}

function refuseType(): never {
  throw new UnsupportedMediaType('Send the body as application/json.');
}

/** One line per answer; of a refusal with its code: what was tried against our checks and limits can be counted by it. The path goes without query and token and no header is logged, so that no secret gets in. */
function logAnswers(server: FastifyInstance, logger: Logger, problems: ProblemFilter): void {
  // these fields are fixed and none is secret: looking each line through for secrets would cost more than writing it
  const answers = logger.child({}, { formatters: { log: (fields) => fields } });
  server.addHook('onResponse', (request, reply, done) => {
    const caller = callerOf(request);
    const code = problems.codeOf(request);
    answers.info(
      {
        requestId: request.id,
        method: request.method,
        path: loggedPath(request),
        status: reply.statusCode,
        milliseconds: Math.round(reply.elapsedTime),
        ...(code === undefined ? {} : { code }),
        ...(caller ? { subject: caller.actor.subject, tenant: caller.tenant ?? caller.actor.home } : {}),
      },
      'answered',
    );
    done();
  });
}
