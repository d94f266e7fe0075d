"""IMC's CMI exchange: REST and Server-Sent Events."""
