// Everything the test payment page says, in both languages.

import type { Language } from '@hawker/web-shared';

const en = {
  test: 'TEST PAYMENT', warning: 'No money moves here. This server runs in development mode.',
  topUp: 'Coins for gifts', reference: (number: string) => `No. ${number}`, amount: 'Amount',
  pay: 'Pay (test)', paying: 'Paying…', dont: "Don't pay", notPaid: 'Not paid', leftOpen: 'It stays open until its time is over.',
  paid: 'Paid (test)', paidText: 'You can close this page and go back to the show.', close: 'Back to the show',
  missing: 'There is no such payment', missingText: 'It may have been cancelled, or this server takes real payments.',
  over: 'This payment is over', overText: 'The order was cancelled or paid in another way.',
  failed: 'That did not work. Please try again.', again: 'Try again', loading: 'One moment…',
};

const zh: typeof en = {
  test: '测试付款', warning: '不会产生真实扣款。该服务器运行在开发模式。',
  topUp: '礼物金币充值', reference: (number) => `编号 ${number}`, amount: '金额',
  pay: '付款（测试）', paying: '正在付款…', dont: '不付款', notPaid: '未付款', leftOpen: '订单将保留至付款时限结束。',
  paid: '付款成功（测试）', paidText: '可以关闭此页面，返回直播间。', close: '返回直播间',
  missing: '没有这笔付款', missingText: '可能已被取消，或该服务器使用真实付款。',
  over: '该付款已结束', overText: '订单已取消，或已通过其他方式付款。',
  failed: '没有成功，请再试一次。', again: '重试', loading: '请稍候…',
};

export type PayWords = typeof en;

export function payWords(language: Language): PayWords {
  return language === 'zh' ? zh : en;
}
