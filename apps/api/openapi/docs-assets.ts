import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** The files of Swagger UI that the page needs, by name. */
export type DocsAsset = 'swagger-ui.css' | 'swagger-ui-bundle.js';

// it comes with @nestjs/swagger, which names the version that fits
const requireOfSwagger = createRequire(import.meta.resolve('@nestjs/swagger'));

/** Reads a file of Swagger UI. */
export function readDocsAsset(name: DocsAsset): string {
  return readFileSync(join(dirname(requireOfSwagger.resolve('swagger-ui-dist/package.json')), name), 'utf8');
}

export const DOCS_PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Stellwerk API</title>
<link rel="stylesheet" href="/docs/swagger-ui.css">
</head>
<body>
<div id="api"></div>
<noscript>The description of the API is at <a href="/openapi.json">/openapi.json</a>.</noscript>
<script src="/docs/swagger-ui-bundle.js"></script>
<script src="/docs/start.js"></script>
</body>
</html>
`;

export const DOCS_START = `SwaggerUIBundle({ url: '/openapi.json', dom_id: '#api', deepLinking: true, persistAuthorization: false, validatorUrl: null, requestInterceptor: (request) => { request.headers['Stellwerk-Csrf'] = '1'; return request; } });\n`;
