import { Controller, Get, Res } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { checkReadiness } from '#libs/platform/observability';
import { Public } from '../access/access.decorators.js';
import { DatabaseCheck } from './database-check.js';

@ApiTags('Health')
@Controller('health')
export class HealthController {
  constructor(private readonly database: DatabaseCheck) {}

  @Get('live')
  @ApiOperation({ summary: 'The process runs', operationId: 'live' })
  @ApiOkResponse({ schema: { type: 'object', properties: { status: { enum: ['live'] } } } })
  @Public()
  live(): { status: 'live' } {
    return { status: 'live' };
  }

  /** Kafka and Temporal are not asked: without them the API goes on accepting. */
  @Get('ready')
  @ApiOperation({ summary: 'The process can take requests in', operationId: 'ready' })
  @ApiOkResponse({ description: 'PostgreSQL answers.' })
  @ApiResponse({ status: 503, description: 'PostgreSQL does not answer.' })
  @Public()
  async ready(@Res({ passthrough: true }) reply: FastifyReply): Promise<unknown> {
    const report = await checkReadiness({ database: () => this.database.execute() });
    void reply.status(report.status === 'ready' ? 200 : 503);
    return report;
  }
}
