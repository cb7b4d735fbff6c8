/* Names, labels and annotation keys by the rules of apimachinery's
 * util/validation. Each returns NULL when valid, else a static one-line reason
 * ("must be at most 63 characters"). len excludes the NUL. */
#pragma once

#include <stddef.h>

/* RFC 1123 label, 63: namespaces, containers; IsDNS1123Label. */
const char *ss_name_check_dns_label(const char *s, size_t len);
/* RFC 1123 subdomain, 253; IsDNS1123Subdomain. */
const char *ss_name_check_dns_subdomain(const char *s, size_t len);
/* [prefix/]name; annotation keys too; IsQualifiedName. */
const char *ss_name_check_label_key(const char *s, size_t len);
/* IsValidLabelValue: may be empty. */
const char *ss_name_check_label_value(const char *s, size_t len);
/* IsEnvVarName: letters, digits, _ - and ., no digit first, not "..…"; the
 * relaxed rules of 1.32 and later are not used, since older servers refuse them. */
const char *ss_name_check_env(const char *s, size_t len);
