import { Body, Controller, Get, Param, Put, Query } from '@nestjs/common';
import { ApiBody, ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import { TEMPLATE_PROCESSES, TemplateInvalid, TemplateProcessUnknown, TemplateVersionNotFound } from '#libs/requests';
import { RequiresPermission, WritesForTenant } from '../access/access.decorators.js';
import { CurrentWriter, type Writer } from '../access/caller.js';
import { InvalidQuery } from '../http/http.errors.js';
import { TakesJson } from '../http/takes-json.decorator.js';
import { MayAnswer } from '../openapi/may-answer.decorator.js';
import { TemplateQuery, TemplateView } from './template.view.js';
import { Templates } from './templates.js';

const PROCESS = { name: 'process', enum: TEMPLATE_PROCESSES } as const;

@ApiTags('Templates')
@Controller('v1/templates')
export class TemplatesController {
  constructor(private readonly templates: Templates) {}

  @Get(':process')
  @ApiOperation({ summary: 'Shows a customer’s template of a process', operationId: 'getTemplate' })
  @ApiParam(PROCESS)
  @ApiOkResponse({ type: TemplateView })
  @MayAnswer(InvalidQuery, TemplateProcessUnknown, TemplateVersionNotFound)
  @WritesForTenant()
  @RequiresPermission('template.read')
  get(
    @CurrentWriter() { tenant }: Writer,
    @Param('process') process: string,
    @Query() { version }: TemplateQuery,
  ): Promise<TemplateView> {
    return this.templates.one(tenant, process, version);
  }

  @Put(':process')
  @ApiOperation({ summary: 'Saves the next version of a template', operationId: 'putTemplate' })
  @ApiParam(PROCESS)
  @ApiBody({ schema: { type: 'object', additionalProperties: true } })
  @ApiOkResponse({ type: TemplateView })
  @MayAnswer(TemplateProcessUnknown, TemplateInvalid)
  @TakesJson()
  @WritesForTenant()
  @RequiresPermission('template.write')
  put(
    @CurrentWriter() writer: Writer,
    @Param('process') process: string,
    @Body() template: unknown,
  ): Promise<TemplateView> {
    return this.templates.save(writer, process, template);
  }

  @Get(':process/schema')
  @ApiOperation({ summary: 'Shows the JSON Schema of a process’s templates', operationId: 'getTemplateSchema' })
  @ApiParam(PROCESS)
  @ApiOkResponse({ schema: { type: 'object', additionalProperties: true } })
  @MayAnswer(TemplateProcessUnknown)
  @RequiresPermission('template.read')
  schema(@Param('process') process: string): object {
    return this.templates.schema(process);
  }
}
