export { type Credentials, credentialsFor, principalOf } from './credentials';
export { createGateway, type Gateway } from './gateway';
