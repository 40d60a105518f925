import type { Socket } from 'node:net';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { HttpConfig } from '#libs/platform/config';
import type { Logger } from '#libs/platform/observability';
import type { CallLimits } from '../limits/call-limits.js';
import { callerOf } from '../access/caller.js';
import { decodeUtf8, parseBody, parseForm } from './body-parser.js';
import { commonHeaders, securityHeaders } from './common-headers.js';
import { FORM_ADDRESSES } from './form-addresses.js';
import { MalformedRequest, UnsupportedMediaType } from './http.errors.js';
import { ProblemFilter } from './problem.filter.js';
import { requestIdOf } from './request-id.js';
import { RouteTable } from './route-table.js';
import { HAND_OVER_ADDRESS, loggedPath } from './secret-addresses.js';

/** Where a file of requests is sent. */
const IMPORT_ADDRESS = '/v1/requests/import';

/** The HTTP server below the controllers, with what holds for every call. */
export interface HttpServer {
  readonly adapter: FastifyAdapter;
  readonly problems: ProblemFilter;
  readonly limits: CallLimits;
  /** From now on every answer closes its connection, so that the server can stop as soon as the last one is out. */
  drain(): void;
}

export function createHttpServer(config: HttpConfig, logger: Logger, limits: CallLimits): HttpServer {
  const { behindTls = false } = config;
  const routes = new RouteTable();
  const problems = new ProblemFilter(logger, routes, behindTls);
  const state = { draining: false };
  const adapter = new FastifyAdapter({
    bodyLimit: config.bodyLimitBytes,
    genReqId: requestIdOf,
    // X-Forwarded-For says where a call comes from only where a proxy of ours wrote it
    trustProxy: config.trustedProxies?.length ? [...config.trustedProxies] : false,
    requestTimeout: 30_000,
    forceCloseConnections: 'idle',
    return503OnClosing: false,
    routerOptions: { maxParamLength: 200 },
    frameworkErrors: (error: Error, request: FastifyRequest, reply: FastifyReply) =>
      problems.answer(error, request, reply),
    clientErrorHandler: (_error: Error, socket: Socket) => answerBrokenRequest(socket, behindTls),
  });
  const server = adapter.getInstance<FastifyInstance>();
  takeJsonOnly(server);
  takeForms(server);
  takeCsv(server);
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
  limits.watch(server);
  logAnswers(server, logger);
  return { adapter, problems, limits, drain: () => void (state.draining = true) };
}

function takeJsonOnly(server: FastifyInstance): void {
  server.removeAllContentTypeParsers();
  server.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, bytes, done) => {
    try {
      done(null, parseBody(bytes as Buffer));
    } catch (error) {
      done(error as Error);
    }
  });
}

/** The form of a one-time link has no fields, though a browser names a content type all the same; that of a mailed link has few. */
function takeForms(server: FastifyInstance): void {
  const type = 'application/x-www-form-urlencoded';
  server.addContentTypeParser(type, { parseAs: 'buffer' }, ({ routeOptions }, bytes, done) => {
    try {
      if (routeOptions.url === HAND_OVER_ADDRESS && bytes.length === 0) return done(null, undefined);
      if (!FORM_ADDRESSES.includes(routeOptions.url))
        throw new UnsupportedMediaType('Send the body as application/json.');
      done(null, parseForm(bytes as Buffer));
    } catch (error) {
      done(error as Error);
    }
  });
}

/** A file of requests is a text; every other address takes JSON. */
function takeCsv(server: FastifyInstance): void {
  server.addContentTypeParser('text/csv', { parseAs: 'buffer' }, ({ routeOptions }, bytes, done) => {
    try {
      if (routeOptions.url !== IMPORT_ADDRESS) throw new UnsupportedMediaType('Send the body as application/json.');
      done(null, decodeUtf8(bytes as Buffer));
    } catch (error) {
      done(error as Error);
    }
  });
}

/** One line per answer. The path goes without query and token and no header is logged, so that no secret gets in. */
function logAnswers(server: FastifyInstance, logger: Logger): void {
  // these fields are fixed and none is secret: looking each line through for secrets would cost more than writing it
  const answers = logger.child({}, { redact: [] });
  server.addHook('onResponse', (request, reply, done) => {
    const caller = callerOf(request);
    answers.info(
      {
        requestId: request.id,
        method: request.method,
        path: loggedPath(request),
        status: reply.statusCode,
        milliseconds: Math.round(reply.elapsedTime),
        ...(caller ? { subject: caller.actor.subject, tenant: caller.tenant ?? caller.actor.home } : {}),
      },
      'answered',
    );
    done();
  });
}

/** What is no HTTP at all never becomes a request: it is answered on the socket. */
function answerBrokenRequest(socket: Socket, behindTls: boolean): void {
  if (!socket.writable) return;
  const body = JSON.stringify({
    ...new MalformedRequest('Send HTTP/1.1 with well-formed headers.').toProblem(),
    status: 400,
  });
  const headers = {
    'content-type': 'application/problem+json; charset=utf-8',
    'content-length': Buffer.byteLength(body),
    connection: 'close',
    ...securityHeaders(behindTls),
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.end(`HTTP/1.1 400 Bad Request\r\n${lines.join('')}\r\n${body}`);
}
