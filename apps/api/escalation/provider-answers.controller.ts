import { Body, Controller, Headers, HttpCode, Param, Post } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { Public } from '../access/access.decorators.js';
import { CALLBACK_ADDRESS } from '../http/signed-addresses.js';
import { ProviderAnswers } from './provider-answer.js';

/** Where providers of short messages and calls bring what people answered. Their signature is the right. */
@ApiExcludeController()
@Controller(CALLBACK_ADDRESS)
export class ProviderAnswersController {
  constructor(private readonly answers: ProviderAnswers) {}

  @Post()
  @HttpCode(204)
  @Public()
  take(
    @Param('id') channelId: string,
    @Headers('stellwerk-timestamp') timestamp: string | undefined,
    @Headers('stellwerk-signature') signature: string | undefined,
    @Body() body: unknown,
  ): Promise<void> {
    const bytes = Buffer.isBuffer(body) ? body : Buffer.alloc(0);
    return this.answers.take({ channelId, bytes, timestamp: timestamp ?? '', signature: signature ?? '' });
  }
}
