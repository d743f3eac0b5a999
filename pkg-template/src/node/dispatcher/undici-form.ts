import { FormData } from 'undici/lib/web/fetch/formdata.js';

/**
 * Copies a form to undici's FormData, the only class that undici sends as a form: not the runtime's, nor that of another
 * undici. It is a separate module, because few requests need it.
 */
export function undiciForm(form: Iterable<[string, string | File]>): FormData {
  const copy = new FormData();
  for (const [name, value] of form) {
    if (typeof value === 'string') copy.append(name, value);
    else copy.append(name, value, value.name);
  }
  return copy;
}
