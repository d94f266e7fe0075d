"""The practice exchange as a CMI exchange: the same market over REST and Server-Sent Events."""
