/* Shows this server's own OpenAPI document; asks no other host (validatorUrl is Swagger UI's one call elsewhere). */
'use strict';

SwaggerUIBundle({
  url: 'openapi.json',
  dom_id: '#swagger-ui',
  deepLinking: true,
  displayRequestDuration: true,
  docExpansion: 'list',
  defaultModelsExpandDepth: 0, // the schemas at the end, closed
  defaultModelExpandDepth: 3,
  validatorUrl: null
});
