/*
 * Windows' Credential Manager from a script:
 *   credential set TARGET USER     the password is the first line of standard input, in UTF-8
 *   credential delete TARGET
 * A domain password is what SSPI takes as the default credentials for a service on the host TARGET.
 */
#include <stdio.h>
#include <string.h>
#include <windows.h>
#include <wincred.h>

static int set(wchar_t *target, wchar_t *user) {
  char line[1024];
  wchar_t password[1024];
  if (!fgets(line, sizeof line, stdin)) return 2;
  line[strcspn(line, "\r\n")] = 0;
  int length = MultiByteToWideChar(CP_UTF8, 0, line, -1, password, ARRAYSIZE(password));
  if (length < 1) return 2;
  CREDENTIALW credential = {
      .Type = CRED_TYPE_DOMAIN_PASSWORD,
      .TargetName = target,
      .UserName = user,
      .CredentialBlob = (BYTE *)password,
      .CredentialBlobSize = (length - 1) * sizeof *password,
      .Persist = CRED_PERSIST_SESSION,
  };
  return CredWriteW(&credential, 0) ? 0 : 1;
}

int wmain(int count, wchar_t **words) {
  if (count == 4 && !wcscmp(words[1], L"set")) return set(words[2], words[3]);
  if (count == 3 && !wcscmp(words[1], L"delete")) return CredDeleteW(words[2], CRED_TYPE_DOMAIN_PASSWORD, 0) ? 0 : 1;
  fputs("credential set TARGET USER | credential delete TARGET\n", stderr);
  return 2;
}
