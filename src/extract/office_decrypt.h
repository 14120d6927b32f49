/* Office packages under ECMA-376 standard encryption ([MS-OFFCRYPTO] 2.3.4.5 on: AES in ECB, keys by SHA-1) with the password that Excel itself sets
 * and tries where a user has none: such a workbook opens in Excel without a question, so it is read here. Nothing is kept secret by this. */
#ifndef EXTRACT_OFFICE_DECRYPT_H
#define EXTRACT_OFFICE_DECRYPT_H

#include "extract/format.h"

/* Decrypts the stream EncryptedPackage by the stream EncryptionInfo and appends the ZIP package; false, with nothing appended, when the encryption is
 * of another kind or has another password, or there is no memory. */
bool office_decrypt(struct span info, struct span package, struct buf *plain);
/* Reads the document in such a package; refuses as encrypted what cannot be decrypted. unpacking: as in struct source. False after sink_refuse. */
bool office_read_encrypted(struct span info, struct span package, struct unpacking *unpacking, struct sink *out);

#endif
