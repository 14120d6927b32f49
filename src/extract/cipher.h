/* SHA-1 (FIPS 180-4) and the decryption of AES (FIPS 197), for documents that come encrypted with a key everybody has. Not for secrets: neither takes
 * care of its timing or wipes its memory. */
#ifndef EXTRACT_CIPHER_H
#define EXTRACT_CIPHER_H

#include "base/span.h"

enum { SHA1_SIZE = 20, AES_BLOCK = 16 };

void sha1(struct span message, unsigned char hash[SHA1_SIZE]);

struct aes {
    unsigned char keys[15][AES_BLOCK]; /* [rounds + 1] */
    int rounds;
    unsigned char inverse[256];  /* of the substitution */
    unsigned char times[4][256]; /* products with the factors of the inverse mix of columns */
};

/* A key of 16, 24 or 32 bytes. */
void aes_key(struct aes *a, const unsigned char *key, size_t bytes);
/* Decrypts one block; from and to do not overlap. */
void aes_decrypt(const struct aes *a, const unsigned char from[AES_BLOCK], unsigned char to[AES_BLOCK]);

#endif
