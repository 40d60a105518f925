import { Controller, Get, Param, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { FeedNotFound } from '#libs/oncall';
import { Public } from '../access/access.decorators.js';
import { CALENDAR_ADDRESS } from '../http/secret-addresses.js';
import { CalendarFeeds } from './calendar-feeds.js';

/** What calendar programs ask for. They bring no key: the token in the address is the right. */
@ApiExcludeController()
@Controller(CALENDAR_ADDRESS)
export class CalendarController {
  constructor(private readonly feeds: CalendarFeeds) {}

  @Get()
  @Public()
  async show(@Param('token') token: string, @Res() reply: FastifyReply): Promise<void> {
    const calendar = await this.feeds.calendar(token);
    if (calendar === null) throw new FeedNotFound('This calendar address does not hold, or not any more.');
    void reply.header('content-type', 'text/calendar; charset=utf-8').send(calendar);
  }
}
