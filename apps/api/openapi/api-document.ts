import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';
import { describePathParameters } from './path-parameters.js';

const DESCRIPTION = `Requests, their plans, decisions and runs.

- Keys and access tokens of a configured issuer go into \`Authorization: Bearer <key>\`; browsers sign in at \`/v1/sign-in\`.
- People of the MSP name the customer they create a request for in \`Stellwerk-Tenant\`.
- A fault is answered as a problem (RFC 9457) with a stable \`code\`; an unknown address with \`http.not_found\`, a wrong
  method with \`http.method_not_allowed\`.
- Lists are paged: give \`nextCursor\` back as \`cursor\`.
- \`x-request-id\` of an answer names its call in our log.`;

const COOKIE =
  'Set by signing in at `/v1/sign-in`; on plain http the name has no `__Host-`. Changes need the header `Stellwerk-Csrf`.';

/** The description of the API as it is served and committed, drawn from the controllers. */
export class ApiDocument {
  private app: INestApplication | null = null;
  private document: OpenAPIObject | null = null;

  /** Says whose controllers it describes; call once, after the application was made. */
  describe(app: INestApplication): void {
    this.app = app;
  }

  /** Draws it the first time, which takes some half a second. */
  get(): OpenAPIObject {
    if (!this.app) throw new Error('The document of the API has no application to describe.');
    return (this.document ??= draw(this.app));
  }
}

function draw(app: INestApplication): OpenAPIObject {
  const config = new DocumentBuilder()
    .setTitle('Stellwerk')
    .setDescription(DESCRIPTION)
    .setVersion('1')
    .setOpenAPIVersion('3.1.0')
    .addBearerAuth({
      type: 'http',
      scheme: 'bearer',
      description: 'A key of Stellwerk, or an issuer’s access token.',
    })
    .addCookieAuth('__Host-stellwerk-session', { type: 'apiKey', in: 'cookie', description: COOKIE }, 'session')
    .build();
  const document = SwaggerModule.createDocument(app, config);
  describePathParameters(document);
  return document;
}
