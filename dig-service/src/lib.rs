//! dig-service
