import type { Registration } from './registrations.ts'

/** A sample event names a made-up trigger. This gives it the id, name and organization of the trigger that it is sent for. */
export function addressedTo<Event extends object>(registration: Registration, event: Event): Event {
  if (registration.provider !== 'jaot') return event
  const data = 'data' in event && typeof event.data === 'object' && event.data !== null ? event.data : {}
  const named = {
    ...('trigger_id' in data && { trigger_id: registration.id }),
    ...('trigger_name' in data && { trigger_name: registration.name }),
  }
  const addressed = {
    ...('trigger_id' in event && { trigger_id: registration.id }),
    ...('organization_id' in event && { organization_id: registration.organization }),
  }
  return { ...event, ...addressed, data: { ...data, ...named } }
}
