package io.tidemill.planted.broker;

import com.fasterxml.jackson.databind.ObjectMapper;

/** Breaks a rule: the port knows Jackson. */
public class KnowsJackson {
    ObjectMapper field;
}
