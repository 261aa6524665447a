import type { JsonObject } from '@hookport/core'
import { type Draft, numberOf, type Sampler } from './draft.ts'

const seconds = ({ at }: Draft) => Math.floor(at / 1000)

const slackEvents: Readonly<Record<string, (draft: Draft) => object>> = {
  message: (draft) => ({
    channel: 'C061EG9SL',
    user: 'U061F7AUR',
    text: 'It rains',
    ts: `${seconds(draft)}.000200`,
  }),
  app_mention: (draft) => ({
    channel: 'C061EG9SL',
    user: 'U061F7AUR',
    text: '<@U0LAN0Z89> does it rain?',
    ts: `${seconds(draft)}.000200`,
  }),
  reaction_added: (draft) => ({
    user: 'U061F7AUR',
    reaction: 'umbrella',
    item: { type: 'message', channel: 'C061EG9SL', ts: `${seconds(draft)}.000200` },
  }),
  team_join: () => ({ user: { id: 'U061F7AUR', name: 'jenny' } }),
}

export const slack: Sampler = {
  types: [...Object.keys(slackEvents), 'slash_command'],
  sample(draft) {
    if (draft.type === 'slash_command') {
      const fields = {
        command: '/weather',
        text: '94070',
        trigger_id: draft.id,
        team_id: 'T061EG9R6',
        channel_id: 'C061EG9SL',
        user_id: 'U061F7AUR',
        response_url: 'https://hooks.slack.com/commands/1234/5678',
      }
      return { data: fields, envelope: (data) => data as JsonObject, form: 'form' }
    }
    return {
      data: { type: draft.type, ...slackEvents[draft.type]?.(draft), event_ts: `${seconds(draft)}.000200` },
      envelope: (event) => ({
        type: 'event_callback',
        team_id: 'T061EG9R6',
        api_app_id: 'A0MDYCDME',
        event,
        event_id: draft.id,
        event_time: seconds(draft),
      }),
    }
  },
}

const account = {
  AccountSid: `AC${'0'.repeat(32)}`,
  ApiVersion: '2010-04-01',
  To: '+15005550006',
  From: '+15005550009',
}

export const twilio: Sampler = {
  types: ['message.received', 'message.delivered', 'message.failed', 'call.completed'],
  sample({ type, id }) {
    const [thing, status = ''] = type.split('.')
    const sid = numberOf(id).toString(16).padStart(32, '0')
    const message = { MessageSid: `SM${sid}`, SmsSid: `SM${sid}` }
    const fields =
      thing === 'call'
        ? { CallSid: `CA${sid}`, CallStatus: status, Direction: 'inbound' }
        : thing === 'message'
          ? {
              ...message,
              ...(status === 'received' ? { Body: 'It rains', NumMedia: '0' } : { MessageStatus: status }),
            }
          : { EventSid: `EV${sid}` }
    return { data: { ...account, ...fields }, envelope: (data) => data as JsonObject, form: 'form' }
  },
}

const metaEntries: Readonly<Record<string, (draft: Draft) => object>> = {
  whatsapp_business_account: (draft) => ({
    changes: [
      {
        field: 'messages',
        value: {
          messaging_product: 'whatsapp',
          metadata: { display_phone_number: '15005550006', phone_number_id: '106540352242922' },
          messages: [
            {
              from: '15005550009',
              id: `wamid.${draft.id}`,
              timestamp: String(seconds(draft)),
              type: 'text',
              text: { body: 'It rains' },
            },
          ],
        },
      },
    ],
  }),
  page: (draft) => ({
    time: draft.at,
    messaging: [
      {
        sender: { id: '6543217890' },
        recipient: { id: '1067280970047460' },
        timestamp: draft.at,
        message: { mid: `m_${draft.id}`, text: 'It rains' },
      },
    ],
  }),
}

export const meta: Sampler = {
  types: [...Object.keys(metaEntries), 'instagram'],
  sample: (draft) => ({
    data: {
      object: draft.type,
      entry: [{ id: String(numberOf(draft.id)), ...(metaEntries[draft.type] ?? metaEntries.page)?.(draft) }],
    },
    envelope: (data) => data as JsonObject,
  }),
}

export const discord: Sampler = {
  types: ['APPLICATION_AUTHORIZED', 'APPLICATION_DEAUTHORIZED', 'ENTITLEMENT_CREATE', 'interaction.2'],
  sample({ type, id, at }) {
    const user = { id: '80351110224678912', username: 'jenny' }
    const application = { id, application_id: '1234560123453231555' }
    const [, interaction] = /^interaction\.(\d+)$/.exec(type) ?? []
    if (interaction !== undefined) {
      const fields = {
        ...application,
        type: Number(interaction),
        token: 'a token',
        version: 1,
        data: { id: '1', name: 'weather' },
      }
      return { data: fields, envelope: (data) => data as JsonObject }
    }
    return {
      data: { integration_type: 1, scopes: ['applications.commands'], user },
      envelope: (data) => ({
        version: 1,
        ...application,
        type: 1,
        event: { type, timestamp: new Date(at).toISOString(), data },
      }),
    }
  },
}
