package io.tidemill.planted.nowhere;

/** Breaks two rules: its package has no rank and is not marked. */
class HasNoRank {}
