import { Controller, Get, Header } from '@nestjs/common';
import { ApiExcludeController, type OpenAPIObject } from '@nestjs/swagger';
import { Public } from '../access/access.decorators.js';
import { Costs } from '../limits/costs.decorator.js';
import { ApiDocument } from './api-document.js';
import { DOCS_PAGE, DOCS_START, readDocsAsset } from './docs-assets.js';

// Swagger UI sets styles on elements and shows its icons as data URLs
const POLICY =
  "default-src 'none'; script-src 'self'; connect-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
const DAY = 'public, max-age=86400';
const SCRIPT = 'text/javascript; charset=utf-8';

@ApiExcludeController()
@Controller()
export class DocsController {
  constructor(private readonly document: ApiDocument) {}

  @Get('openapi.json')
  @Costs('expensive')
  @Public()
  openApi(): OpenAPIObject {
    return this.document.get();
  }

  @Get('docs')
  @Header('content-type', 'text/html; charset=utf-8')
  @Header('content-security-policy', POLICY)
  @Public()
  page(): string {
    return DOCS_PAGE;
  }

  @Get('docs/start.js')
  @Header('content-type', SCRIPT)
  @Public()
  start(): string {
    return DOCS_START;
  }

  @Get('docs/swagger-ui.css')
  @Header('content-type', 'text/css; charset=utf-8')
  @Header('cache-control', DAY)
  @Public()
  styles(): string {
    return readDocsAsset('swagger-ui.css');
  }

  @Get('docs/swagger-ui-bundle.js')
  @Header('content-type', SCRIPT)
  @Header('cache-control', DAY)
  @Public()
  script(): string {
    return readDocsAsset('swagger-ui-bundle.js');
  }
}
